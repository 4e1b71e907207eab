// Whether a shopper is heard in two places at once, where nobody can be: then somebody has copied her identity, or a
// sender stands between two scanners whose zones the configuration says are far apart.
#pragma once

#include "core/presence/shop.hpp"
#include "core/presence/track.hpp"

namespace beacon_gateway {

// After `scanner` was observed at `now`: its smoothed level, and that of a scanner heard within the last two seconds in
// a zone that one cannot step into from here, are both at or above what it takes to be in their zones. Where `next_to`
// is not given all zones touch, and nothing is ever far.
[[nodiscard]] bool in_two_places(const Track& track, const Shop& shop, ScannerIndex scanner, const Instant& now);

}  // namespace beacon_gateway
