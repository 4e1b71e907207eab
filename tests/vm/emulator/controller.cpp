#include "tests/vm/emulator/controller.hpp"

#include <algorithm>

namespace beacon_gateway_vm {
namespace {

constexpr std::uint8_t kCommandPacket = 0x01;
constexpr std::uint8_t kEventPacket = 0x04;
constexpr std::size_t kCommandHead = 4;  // H4 type, opcode 2, length

constexpr std::uint8_t kCommandComplete = 0x0E;
constexpr std::uint8_t kCommandStatus = 0x0F;
constexpr std::uint8_t kHardwareError = 0x10;
constexpr std::uint8_t kLeMeta = 0x3E;
constexpr std::uint8_t kAdvertisingReport = 0x02;
constexpr std::uint8_t kExtendedAdvertisingReport = 0x0D;

constexpr std::uint8_t kSuccess = 0x00;
constexpr std::uint8_t kLimitedResources = 0x0D;  // "Connection Rejected due to Limited Resources"

namespace opcode {
constexpr std::uint16_t kCreateConnection = 0x0405, kDisconnect = 0x0406, kSetEventMask = 0x0C01, kReset = 0x0C03,
                        kWriteLocalName = 0x0C13, kReadLocalName = 0x0C14, kReadClass = 0x0C23,
                        kSetEventMaskPage2 = 0x0C63, kWriteLeHostSupport = 0x0C6D, kReadVersion = 0x1001,
                        kReadCommands = 0x1002, kReadFeatures = 0x1003, kReadExtendedFeatures = 0x1004,
                        kReadBufferSize = 0x1005, kReadAddress = 0x1009;
constexpr std::uint16_t kLeSetEventMask = 0x2001, kLeReadBufferSize = 0x2002, kLeReadFeatures = 0x2003,
                        kLeSetRandomAddress = 0x2005, kLeReadAdvertisingPower = 0x2007, kLeSetScanParameters = 0x200B,
                        kLeSetScanEnable = 0x200C, kLeCreateConnection = 0x200D, kLeReadAcceptListSize = 0x200F,
                        kLeClearAcceptList = 0x2010, kLeAddToAcceptList = 0x2011, kLeRemoveFromAcceptList = 0x2012,
                        kLeRandom = 0x2018, kLeReadStates = 0x201C, kLeReadDataLength = 0x2023,
                        kLeReadResolvingListSize = 0x202A, kLeReadMaximumDataLength = 0x202F,
                        kLeSetExtendedScanParameters = 0x2041, kLeSetExtendedScanEnable = 0x2042;
}  // namespace opcode

Octets command_complete(std::uint16_t opcode, const Octets& answer) {
  constexpr std::uint8_t kOneMoreCommand = 1;
  Octets event{kEventPacket,
               kCommandComplete,
               static_cast<std::uint8_t>(3 + answer.size()),
               kOneMoreCommand,
               static_cast<std::uint8_t>(opcode & 0xFF),
               static_cast<std::uint8_t>(opcode >> 8)};
  event.insert(event.end(), answer.begin(), answer.end());
  return event;
}

Octets command_status(std::uint16_t opcode, std::uint8_t status) {
  return {kEventPacket,
          kCommandStatus,
          4,
          status,
          1,
          static_cast<std::uint8_t>(opcode & 0xFF),
          static_cast<std::uint8_t>(opcode >> 8)};
}

// A successful answer of `size` octets, with `values` behind the status.
Octets success(std::size_t size, std::initializer_list<std::uint8_t> values = {}) {
  Octets answer{kSuccess};
  answer.insert(answer.end(), values);
  answer.resize(size);
  return answer;
}

// Which commands the controller has decides how Linux scans and advertises (Vol 4 Part E, 6.27): as of Bluetooth 4, or
// by the extended commands if asked for.
Octets supported_commands(bool extended) {
  Octets answer = success(65);
  const auto set = [&](std::size_t octet, std::uint8_t bits) { answer[1 + octet] = bits; };
  set(0, 0x20);   // disconnect
  set(2, 0x80);   // read remote version
  set(5, 0xC0);   // event mask, reset
  set(14, 0xA8);  // version, features, buffer size
  set(15, 0x02);  // address
  set(25, 0xF7);
  set(26, 0xFF);  // LE: event mask to scan enable, accept list
  set(27, 0xE5);
  set(28, 0x0F);
  if (extended) {
    set(36, 0xFE);  // extended advertising
    set(37, 0x63);  // and its end; extended scan parameters and enable
  }
  return answer;
}

}  // namespace

Packets Controller::command(std::span<const std::uint8_t> packet) {
  if (packet.size() < kCommandHead || packet[0] != kCommandPacket) return {};
  const auto opcode = static_cast<std::uint16_t>(packet[1] | packet[2] << 8);
  ++counts_.commands;
  if (hangs_) return {};
  if (const auto refused = refused_.find(opcode); refused != refused_.end() && refused->second != kSuccess)
    return {command_complete(opcode, {refused->second})};
  const bool connects =
      opcode == opcode::kLeCreateConnection || opcode == opcode::kCreateConnection || opcode == opcode::kDisconnect;
  if (connects) return {command_status(opcode, kLimitedResources)};
  const auto parameters = packet.subspan(kCommandHead);
  if (const auto known = advertiser_.answer(opcode, parameters)) return {command_complete(opcode, *known)};
  return {command_complete(opcode, answer(opcode, parameters))};
}

// The longest answers are tables of the specification; they stay together.
Octets Controller::answer(std::uint16_t opcode, std::span<const std::uint8_t> parameters) {
  constexpr std::uint8_t kBluetooth52 = 0x0B;
  const auto parameter = [&](std::size_t at) { return at < parameters.size() ? parameters[at] : std::uint8_t{0}; };
  switch (opcode) {
    case opcode::kReset:
      scanning_ = filtering_ = false;
      advertiser_.reset();
      return success(1);
    case opcode::kReadVersion:
      return success(9, {kBluetooth52, 0, 0, kBluetooth52, 0xFF, 0xFF, 1, 0});
    case opcode::kReadCommands:
      return supported_commands(extended_);
    case opcode::kReadFeatures:
      return success(9, {0, 0, 0, 0, 0x60});  // LE, and no BR/EDR
    case opcode::kReadExtendedFeatures:
      return success(11, {parameter(0), 0, 0, 0, 0, 0, static_cast<std::uint8_t>(parameter(0) == 0 ? 0x60 : 0)});
    case opcode::kReadBufferSize:
      return success(8, {0xFB, 0, 0, 8});
    case opcode::kReadAddress:
      return success(7, {static_cast<std::uint8_t>(number_ + 1), 0, 0, 0x01, 0xAA, 0x00});
    case opcode::kReadLocalName:
      return success(249, {'e', 'm', 'u', 'l', 'a', 't', 'e', 'd'});
    case opcode::kReadClass:
      return success(4);
    case opcode::kLeReadBufferSize:
      return success(4, {0xFB, 0, 8});
    case opcode::kLeReadFeatures:
      return success(9, {0, static_cast<std::uint8_t>(extended_ ? 0x10 : 0)});  // extended advertising
    case opcode::kLeReadAdvertisingPower:
      return success(2);
    case opcode::kLeSetScanParameters:
      active_ = parameter(0) != 0;
      return success(1);
    case opcode::kLeSetScanEnable:
      enable_scan(parameter(0) != 0, parameter(1) != 0, false);
      return success(1);
    case opcode::kLeSetExtendedScanParameters:
      active_ = parameter(3) != 0;
      return success(1);
    case opcode::kLeSetExtendedScanEnable:
      enable_scan(parameter(0) != 0, parameter(1) != 0, true);
      return success(1);
    case opcode::kLeReadAcceptListSize:
    case opcode::kLeReadResolvingListSize:
      return success(2, {16});
    case opcode::kLeRandom:
      return success(9, {4, 8, 15, 16, 23, 42, 4, 8});
    case opcode::kLeReadStates:
      return success(9, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x03});
    case opcode::kLeReadDataLength:
      return success(5, {0xFB, 0, 0x48, 0x08});
    case opcode::kLeReadMaximumDataLength:
      return success(9, {0xFB, 0, 0x48, 0x08, 0xFB, 0, 0x48, 0x08});
    case opcode::kSetEventMask:
    case opcode::kSetEventMaskPage2:
    case opcode::kWriteLocalName:
    case opcode::kWriteLeHostSupport:
    case opcode::kLeSetEventMask:
    case opcode::kLeSetRandomAddress:
    case opcode::kLeClearAcceptList:
    case opcode::kLeAddToAcceptList:
    case opcode::kLeRemoveFromAcceptList:
      return success(1);
    default:
      ++counts_.unknown_commands;
      return success(1);
  }
}

void Controller::enable_scan(bool on, bool filtering, bool with_extended_reports) {
  scanning_ = on;
  filtering_ = filtering;
  extended_reports_ = with_extended_reports;
  heard_.clear();
  if (on) ++counts_.scan_starts;
}

Packets Controller::hear(const AirPacket& packet) {
  ++counts_.on_air;
  if (!scanning_) {
    ++counts_.unheard;
    return {};
  }
  if (filtering_ && duplicate(packet)) {
    ++counts_.filtered;
    return {};
  }
  ++counts_.reported;
  Packets events{report(packet, false)};
  // The kernel holds such an advertisement back until its scan response, were it an empty one.
  if (active_ && packet.kind != AdvertisingKind::non_connectable) events.push_back(report(packet, true));
  return events;
}

bool Controller::duplicate(const AirPacket& packet) {
  if (filter_ == DuplicateFilter::off) return false;
  Octets key(packet.address.begin(), packet.address.end());
  if (filter_ == DuplicateFilter::by_data) key.insert(key.end(), packet.data.begin(), packet.data.end());
  return !heard_.insert(std::move(key)).second;
}

// Vol 4 Part E, 7.7.65.2 and, with legacy event types, 7.7.65.13: one report an event.
Octets Controller::report(const AirPacket& packet, bool response) const {
  constexpr std::array<std::uint8_t, 4> kLegacyTypes{0x00, 0x02, 0x03, 0x04};    // ADV_IND, SCAN, NONCONN, SCAN_RSP
  constexpr std::array<std::uint8_t, 4> kExtendedTypes{0x13, 0x12, 0x10, 0x1B};  // the same
  constexpr std::uint8_t kOneReport = 1, kPrimary1M = 1, kNoSet = 0xFF, kNoPower = 0x7F;
  const std::size_t type = response ? 3 : static_cast<std::size_t>(packet.kind);
  const Octets& data = response ? packet.scan_response : packet.data;
  const auto rssi = static_cast<std::uint8_t>(packet.rssi_dbm);
  const auto length = static_cast<std::uint8_t>(data.size());
  const std::uint8_t address_type = packet.random_address ? 1 : 0;

  Octets event{kEventPacket, kLeMeta, 0};
  const auto append = [&](std::initializer_list<std::uint8_t> octets) { event.insert(event.end(), octets); };
  if (extended_reports_)
    append({kExtendedAdvertisingReport, kOneReport, kExtendedTypes[type], 0, address_type});
  else
    append({kAdvertisingReport, kOneReport, kLegacyTypes[type], address_type});
  event.insert(event.end(), packet.address.rbegin(), packet.address.rend());
  if (extended_reports_) append({kPrimary1M, 0, kNoSet, kNoPower, rssi, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  append({length});
  event.insert(event.end(), data.begin(), data.end());
  if (!extended_reports_) append({rssi});
  event[2] = static_cast<std::uint8_t>(event.size() - 3);
  return event;
}

Octets Controller::hardware_error() {
  constexpr std::uint8_t kSomeCode = 0x42;
  return {kEventPacket, kHardwareError, 1, kSomeCode};
}

}  // namespace beacon_gateway_vm
