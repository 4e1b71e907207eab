// Who walks where in a simulated shop's day, and what the scanners hear of it. Made from the seed alone, before any
// fault.
#pragma once

#include <cstdint>
#include <vector>

#include "core/advertisement.hpp"
#include "tests/simulation/dice.hpp"

namespace beacon_gateway_test {

inline constexpr int kMostShoppers = 14;
// The iBeacon minor of shopper n is n. This one is staff; two profiles claim the other.
inline constexpr std::uint16_t kStaffMinor = 100;
inline constexpr std::uint16_t kContestedMinor = 101;
// Strangers' minors begin here; nobody may ever find them in the store's files.
inline constexpr std::uint16_t kFirstStranger = 0xC0DE;

inline constexpr beacon_gateway::ScannerIndex kDoorScanner = 0;
inline constexpr beacon_gateway::ScannerIndex kAisleScanner = 1;
inline constexpr beacon_gateway::ScannerIndex kTillScanner = 2;

struct Heard {
  beacon_gateway::Duration at{};  // since the morning
  std::uint16_t minor = 0;
  beacon_gateway::ScannerIndex scanner = 0;
  std::int8_t rssi_dbm = 0;
};

// By time. The last one is well before `length`.
[[nodiscard]] std::vector<Heard> walks_of_a_day(std::uint64_t seed, int shoppers, beacon_gateway::Duration length);

}  // namespace beacon_gateway_test
