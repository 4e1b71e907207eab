// How the scanners fare, as a JSON array with an object a scanner, for `status --json`.
#pragma once

#include <string>

#include "core/presence/shop.hpp"
#include "core/radio_status.hpp"

namespace beacon_gateway {

[[nodiscard]] std::string radio_status_json(const RadioStatus& status, const Shop& shop);

// Likewise of our wake-up beacons.
[[nodiscard]] std::string beacon_status_json(const RadioStatus& status);

}  // namespace beacon_gateway
