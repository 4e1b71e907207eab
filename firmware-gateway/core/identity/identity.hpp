// What recognising needs of a profile, without the rest: so that a hundred thousand shoppers fit into memory.
#pragma once

#include <cstdint>
#include <vector>

#include "core/profile.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

// The profile store's number of a shopper; not known outside the gateway. From 1 on, and small enough to share a word
// with what else is known of a lookup.
using ShopperNumber = std::uint32_t;
inline constexpr ShopperNumber kMostShoppers = (1U << 27U) - 1;

// How far a beacon's clock was found to be ahead (positive) of what its profile says, and when that was learnt.
struct ClockCorrection {
  std::uint8_t identifier = 0;  // position in the profile's list
  std::int32_t ahead_s = 0;
  WallTime learnt_at{};
  friend bool operator==(const ClockCorrection&, const ClockCorrection&) = default;
};

struct Identity {
  ShopperNumber number = 0;
  bool staff = false;
  std::vector<ProfileIdentifier> identifiers;
  std::vector<ClockCorrection> corrections;
  friend bool operator==(const Identity&, const Identity&) = default;
};

}  // namespace beacon_gateway
