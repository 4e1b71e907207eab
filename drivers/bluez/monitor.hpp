// The AdvertisementMonitor that makes the kernel turn the controller's duplicate filter off
// (doc/org.bluez.AdvertisementMonitor.rst of BlueZ), its patterns, and where it must not be used.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/beacon/frame.hpp"
#include "drivers/bluez/bus.hpp"

namespace beacon_gateway::bluez {

// Octets at a place in an AD structure of one type.
struct Pattern {
  std::uint8_t start = 0;
  std::uint8_t ad_type = 0;
  std::vector<std::uint8_t> octets;
};

// What is looked up, in the forms of BlueZ 5.66 (raw AD structures) and of 5.82 (service data behind their UUID); at
// most 16, beyond which patterns are dropped by some versions (reliability.md A3).
[[nodiscard]] std::vector<Pattern> monitor_patterns(std::span<const Uuid> ibeacon_uuids,
                                                    std::span<const Uuid> token_service_uuids);

struct BluezVersion {
  int major = 0;
  int minor = 0;
  friend auto operator<=>(const BluezVersion&, const BluezVersion&) = default;
};

// BlueZ does not tell its version, but writes it into the adapter's Modalias, "usb:v1D6Bp0246d0542" for 5.66, unless
// the site's main.conf says otherwise: nothing then.
[[nodiscard]] std::optional<BluezVersion> version_from_modalias(std::string_view modalias);

// Whether a long advertisement crashes a bluetoothd of this version that holds a monitor (bluez#1169: 5.72 to 5.82).
[[nodiscard]] bool monitor_crashes(const BluezVersion& version);

// The object to be registered below `root`. `active` is called when BlueZ puts it in force or lets go of it.
[[nodiscard]] ServedObject monitor_object(const std::string& root, std::vector<Pattern> patterns,
                                          const std::function<void(bool)>& active);

}  // namespace beacon_gateway::bluez
