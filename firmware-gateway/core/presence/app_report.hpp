// The shopper's own app as a witness of her presence, beside the scanners: the same in both modes (contract 3.4, 3.7).
//
// The newest evidence counts: a report is passed over when a scanner has heard her convincingly since the instant it
// tells of, and what scanners hear afterwards moves her on by their own rules. It touches neither levels nor belief.
#pragma once

#include <optional>
#include <vector>

#include "core/presence/shop.hpp"
#include "core/presence/track.hpp"

namespace beacon_gateway {

struct AppReport {
  std::optional<ZoneIndex> zone;
  Instant at;  // not after now
};

// With a visit open: continues it, and moves it to the zone, if one is told. Without: starts one, in the zone told or
// else in the first entrance zone; whether it may is the caller's to know. Pass every deadline first. Appends to
// `changes`.
void take_report(Track& track, const Shop& shop, const AppReport& report, std::vector<PresenceChange>& changes);

}  // namespace beacon_gateway
