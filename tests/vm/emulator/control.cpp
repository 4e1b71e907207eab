#include "tests/vm/emulator/control.hpp"

#include <charconv>
#include <iomanip>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "core/address.hpp"

namespace beacon_gateway_vm {
namespace {

using Words = std::istringstream;

template <typename Value>
Value next(Words& words, const char* what) {
  Value value{};
  if (!(words >> value)) throw std::invalid_argument{std::string{"no "} + what};
  return value;
}

Octets octets(const std::string& digits) {
  Octets read;
  if (digits == "-") return read;
  for (std::size_t at = 0; at + 1 < digits.size() + digits.size() % 2; at += 2) {
    std::uint8_t octet = 0;
    const char* end = digits.data() + std::min(at + 2, digits.size());
    const auto [stopped, fault] = std::from_chars(digits.data() + at, end, octet, 16);
    if (fault != std::errc{} || stopped != digits.data() + at + 2)
      throw std::invalid_argument{"not hexadecimal: " + digits};
    read.push_back(octet);
  }
  return read;
}

std::array<std::uint8_t, 6> address(Words& words) {
  const auto text = next<std::string>(words, "address");
  const auto read = beacon_gateway::parse_address_octets(text);
  if (!read) throw std::invalid_argument{"no address: " + text};
  return *read;
}

AdvertisingKind kind(Words& words) {
  const auto word = next<std::string>(words, "kind");
  if (word == "connectable") return AdvertisingKind::connectable;
  if (word == "scannable") return AdvertisingKind::scannable;
  if (word == "non-connectable") return AdvertisingKind::non_connectable;
  throw std::invalid_argument{"no kind: " + word};
}

void advertise(Plugged& plugged, Words& words, Instant now) {
  constexpr std::size_t kMostData = 229;  // one event of 255 octets
  Tag tag;
  tag.packet.address = address(words);
  tag.packet.random_address = next<std::string>(words, "address type") == "random";
  tag.packet.kind = kind(words);
  tag.every = std::chrono::milliseconds{next<unsigned>(words, "interval")};
  tag.packet.rssi_dbm = static_cast<std::int8_t>(next<int>(words, "RSSI"));
  tag.jitter_db = next<int>(words, "jitter");
  tag.packet.data = octets(next<std::string>(words, "data"));
  std::string response = "-";
  words >> response;
  tag.packet.scan_response = octets(response);
  if (tag.every.count() == 0) throw std::invalid_argument{"an interval of nothing"};
  if (tag.packet.data.size() > kMostData || tag.packet.scan_response.size() > kMostData)
    throw std::invalid_argument{"more than one event can hold"};
  plugged.air.advertise(tag, now);
}

void crowd(Plugged& plugged, Words& words, Instant now) {
  Crowd crowd;
  crowd.devices = next<std::uint32_t>(words, "number of devices");
  crowd.packets_a_second = next<double>(words, "rate");
  crowd.rssi_dbm = next<int>(words, "RSSI");
  crowd.jitter_db = next<int>(words, "jitter");
  crowd.new_addresses_every = std::chrono::milliseconds{next<unsigned>(words, "time between addresses")};
  plugged.air.crowd(crowd, now);
}

void silence(Plugged& plugged, Words& words) {
  const auto whom = next<std::string>(words, "address");
  if (whom == "crowd") return plugged.air.silence_crowd();
  Words again{whom};
  if (!plugged.air.silence(address(again))) throw std::invalid_argument{"nobody advertises as " + whom};
}

void refuse(Plugged& plugged, Words& words) {
  words >> std::hex;
  const auto opcode = next<std::uint16_t>(words, "opcode");
  plugged.controller.refuse(opcode, static_cast<std::uint8_t>(next<unsigned>(words, "status")));
}

std::string counts(const Plugged& plugged) {
  const Controller& controller = plugged.controller;
  const ControllerCounts& counts = controller.counts();
  std::ostringstream json;
  json << std::boolalpha << "{\"adapter\":" << plugged.port->index() << ",\"scanning\":" << controller.scanning()
       << ",\"active\":" << controller.active() << ",\"filtering\":" << controller.filtering()
       << ",\"on_air\":" << counts.on_air << ",\"reported\":" << counts.reported << ",\"filtered\":" << counts.filtered
       << ",\"unheard\":" << counts.unheard << ",\"scan_starts\":" << counts.scan_starts
       << ",\"advertising_starts\":" << plugged.controller.advertiser().starts() << ",\"commands\":" << counts.commands
       << ",\"unknown_commands\":" << counts.unknown_commands << ",\"lost\":" << plugged.port->lost() << "}";
  return json.str();
}

std::string hexadecimal(const Octets& octets) {
  std::ostringstream text;
  text << std::hex << std::setfill('0');
  for (const std::uint8_t octet : octets) text << std::setw(2) << unsigned{octet};
  return text.str();
}

// Times in ms.
std::string sent(const Plugged& plugged) {
  constexpr double kIntervalMs = 0.625;
  std::ostringstream json;
  json << std::boolalpha;
  for (const auto& [handle, set] : plugged.controller.advertiser().sets()) {
    if (!set.on) continue;
    json << (json.tellp() == 0 ? "" : ",") << "{\"connectable\":" << set.connectable
         << ",\"random_address\":" << (set.address_type != 0)
         << ",\"least_interval\":" << set.least_interval * kIntervalMs
         << ",\"most_interval\":" << set.most_interval * kIntervalMs << ",\"data\":\"" << hexadecimal(set.data)
         << "\",\"scan_response\":\"" << hexadecimal(set.scan_response) << "\"}";
  }
  return "[" + json.str() + "]";
}

std::string obey_one(Emulator& emulator, Words& words, Instant now) {
  const auto word = next<std::string>(words, "command");
  if (word == "plug") {
    std::optional<unsigned> wanted;
    if (unsigned number = 0; words >> number) wanted = number;
    return std::to_string(emulator.plug(wanted));
  }
  const auto number = next<unsigned>(words, "controller's number");
  const auto found = emulator.controllers.find(number);
  if (found == emulator.controllers.end()) throw std::invalid_argument{"no controller " + std::to_string(number)};
  Plugged& plugged = found->second;
  if (word == "unplug")
    emulator.controllers.erase(found);
  else if (word == "advertise")
    advertise(plugged, words, now);
  else if (word == "silence")
    silence(plugged, words);
  else if (word == "crowd")
    crowd(plugged, words, now);
  else if (word == "refuse")
    refuse(plugged, words);
  else if (word == "hang")
    plugged.controller.hang(next<std::string>(words, "on or off") == "on");
  else if (word == "hardware_error")
    plugged.port->write(Controller::hardware_error());
  else if (word == "counts")
    return counts(plugged);
  else if (word == "sent")
    return sent(plugged);
  else
    throw std::invalid_argument{"no command " + word};
  return {};
}

}  // namespace

unsigned Emulator::plug(std::optional<unsigned> wanted) {
  unsigned number = wanted.value_or(0);
  if (wanted && controllers.contains(number))
    throw std::invalid_argument{"controller " + std::to_string(number) + " is there"};
  while (controllers.contains(number)) ++number;
  controllers.emplace(
      number,
      Plugged{std::make_unique<VirtualPort>(), Controller{static_cast<std::uint8_t>(number), filter, extended}, {}});
  return number;
}

std::string obey(Emulator& emulator, const std::string& line, Instant now) {
  Words words{line};
  try {
    const std::string value = obey_one(emulator, words, now);
    return value.empty() ? "ok" : "ok " + value;
  } catch (const std::invalid_argument& fault) {
    return std::string{"error: "} + fault.what();
  }
}

}  // namespace beacon_gateway_vm
