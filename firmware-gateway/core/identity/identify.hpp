// Frames and address -> shopper: the one place where an advertisement meets the profiles.
#pragma once

#include <cstdint>
#include <vector>

#include "core/advertisement.hpp"
#include "core/assurance.hpp"
#include "core/beacon/decode.hpp"
#include "core/identity/index.hpp"

namespace beacon_gateway {

struct IdentityRules {
  std::vector<Uuid> ibeacon_uuids;        // only these are looked up; empty: all
  std::vector<Uuid> token_service_uuids;  // whose service data is decoded
};

struct Recognition {
  IdentityIndex::Found found = IdentityIndex::Found::unknown;
  ShopperNumber shopper = 0;  // of a match
  Assurance assurance = Assurance::fixed;
};

// Tries the frames in their order, then the address where it is one that lasts. The first match wins; without one the
// most telling answer (contested, no live consent) does. Cost does not grow with the number of profiles.
[[nodiscard]] Recognition identify(const IdentityIndex& index, const IdentityRules& rules, const Frames& frames,
                                   const Address& address, WallTime now);

}  // namespace beacon_gateway
