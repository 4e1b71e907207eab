#include "core/beacon/wake_up.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <iterator>
#include <string_view>
#include <type_traits>

#include "core/digest.hpp"

namespace beacon_gateway {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Apple, "Proximity Beacon Specification" R1.
constexpr std::array<std::uint8_t, 2> kIBeacon{0x02, 0x15};
// LINE Simple Beacon.
constexpr std::uint8_t kLineFrameType = 0x02;
constexpr std::uint8_t kLineMeasuredPower = 0x7F;
constexpr std::uint8_t kNoDeviceMessage = 0x00;

// Bluetooth Assigned Numbers, 2.3 "Common Data Types"; company and service stand least significant octet first.
constexpr std::array<std::uint8_t, 3> kAppleData{0xFF, 0x4C, 0x00};
constexpr std::array<std::uint8_t, 3> kLineData{0x16, 0x6F, 0xFE};

// docs/rotating-beacon.md
constexpr std::string_view kLabel = "BGM1";
constexpr std::size_t kMinorOctets = 2;
constexpr std::size_t kMessageOctets = 8;
constexpr std::size_t kMinorAt = 20;   // behind type, length, UUID and major
constexpr std::size_t kLineIdEnd = 6;  // behind frame type and hardware id

template <class Number>
void append(Bytes& to, Number number) {
  for (std::size_t i = sizeof number; i-- > 0;) to.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

Bytes identity_octets(const IBeacon& beacon) {
  Bytes octets{beacon.uuid.begin(), beacon.uuid.end()};
  append(octets, beacon.major);
  append(octets, beacon.minor);
  return octets;
}
Bytes identity_octets(const LineBeacon& beacon) {
  return {beacon.hardware_id.begin(), beacon.hardware_id.end()};
}

// The first `count` octets of HMAC-SHA-256(key, "BGM1", number, identity).
template <class Identity>
Bytes proof(const BeaconRotation& rotation, std::uint64_t number, const Identity& identity, std::size_t count) {
  Bytes message{kLabel.begin(), kLabel.end()};
  append(message, number);
  std::ranges::copy(identity_octets(identity), std::back_inserter(message));
  const std::string digest =
      keyed_digest_hex(rotation.key, {reinterpret_cast<const char*>(message.data()), message.size()});
  Bytes octets(count);
  for (std::size_t i = 0; i < count; ++i) {
    [[maybe_unused]] const auto read = std::from_chars(&digest[2 * i], &digest[2 * i] + 2, octets[i], 16);
    assert(read.ec == std::errc{});
  }
  return octets;
}

Bytes data_of(const IBeacon& beacon, const std::optional<BeaconRotation>& rotation, std::uint64_t number) {
  Bytes data{kIBeacon.begin(), kIBeacon.end()};
  std::ranges::copy(identity_octets(beacon), std::back_inserter(data));
  data.push_back(static_cast<std::uint8_t>(beacon.measured_power_dbm));
  if (rotation) std::ranges::copy(proof(*rotation, number, beacon, kMinorOctets), data.begin() + kMinorAt);
  return data;
}

Bytes data_of(const LineBeacon& beacon, const std::optional<BeaconRotation>& rotation, std::uint64_t number) {
  Bytes data{kLineFrameType};
  std::ranges::copy(beacon.hardware_id, std::back_inserter(data));
  data.push_back(kLineMeasuredPower);
  const Bytes message = rotation ? proof(*rotation, number, beacon, kMessageOctets) : Bytes{kNoDeviceMessage};
  data.insert(data.end(), message.begin(), message.end());
  return data;
}

}  // namespace

std::uint64_t rotation_number(const WakeUpBeacon& beacon, WallTime now) {
  if (!beacon.rotation) return 0;
  assert(beacon.rotation->period > std::chrono::seconds{0});
  const auto since_1970 = std::max(now.time_since_epoch(), Duration{});
  return static_cast<std::uint64_t>(since_1970 / beacon.rotation->period);
}

WakeUpFrame wake_up_frame(const WakeUpBeacon& beacon, std::uint64_t number) {
  using Carrier = WakeUpFrame::Carrier;
  return std::visit(
      [&](const auto& identity) {
        constexpr bool kIsLine = std::is_same_v<std::decay_t<decltype(identity)>, LineBeacon>;
        return WakeUpFrame{kIsLine ? Carrier::line_service_data : Carrier::apple_manufacturer_data,
                           data_of(identity, beacon.rotation, number)};
      },
      beacon.identity);
}

std::vector<std::uint8_t> air_mark(const WakeUpFrame& frame) {
  const bool line = frame.carrier == WakeUpFrame::Carrier::line_service_data;
  const auto& head = line ? kLineData : kAppleData;
  const std::size_t tells = line ? kLineIdEnd : kMinorAt + kMinorOctets;
  Bytes mark{head.begin(), head.end()};
  mark.insert(mark.end(), frame.data.begin(), frame.data.begin() + static_cast<std::ptrdiff_t>(tells));
  return mark;
}

}  // namespace beacon_gateway
