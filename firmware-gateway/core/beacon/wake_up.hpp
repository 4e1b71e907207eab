// What the gateway itself puts on the air: an iBeacon, which wakes the retailer's app, or a LINE Simple Beacon, which
// wakes LINE. Pure encoding; what makes it rotate is docs/rotating-beacon.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/beacon/frame.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

// LINE Simple Beacon (github.com/line/line-simple-beacon, README.en.md): service data of 0xFE6F, frame type 0x02, the
// hardware id of LINE's console, measured power 0x7F, and a device message of 1 to 13 octets, 0x00 where there is none.
struct LineBeacon {
  std::array<std::uint8_t, 5> hardware_id{};
  friend bool operator==(const LineBeacon&, const LineBeacon&) = default;
};

// Who holds the key can tell our beacon from a copy that was made in another period.
struct BeaconRotation {
  std::string key;  // 32 octets
  std::chrono::seconds period{std::chrono::minutes{15}};
};

struct WakeUpBeacon {
  std::variant<IBeacon, LineBeacon> identity;
  std::optional<BeaconRotation> rotation;
};

// The number of the period that holds `now`; zero without rotation. Times before 1970 count as 1970.
[[nodiscard]] std::uint64_t rotation_number(const WakeUpBeacon& beacon, WallTime now);

// What is sent in period `number`: data of company 0x004C (manufacturer data), or of service 0xFE6F (service data),
// without company and service. An iBeacon's minor and a LINE beacon's device message rotate; nothing else does.
struct WakeUpFrame {
  enum class Carrier : std::uint8_t { apple_manufacturer_data, line_service_data };
  Carrier carrier{};
  std::vector<std::uint8_t> data;
  friend bool operator==(const WakeUpFrame&, const WakeUpFrame&) = default;
};
[[nodiscard]] WakeUpFrame wake_up_frame(const WakeUpBeacon& beacon, std::uint64_t number);

// The octets by which an advertisement's payload shows this beacon, whatever stands around them: its AD structure from
// the type on, without the measured power or the device message, which tell nothing of who it is.
[[nodiscard]] std::vector<std::uint8_t> air_mark(const WakeUpFrame& frame);

}  // namespace beacon_gateway
