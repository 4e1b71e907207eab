// How a visit's stays in zones begin, go on and end: the same in both modes.
#pragma once

#include <vector>

#include "core/presence/track.hpp"

namespace beacon_gateway {

// The sighting at `at` convinces. No stay may be open.
void enter_zone(Visit& visit, ZoneIndex zone, const Instant& at, std::vector<PresenceChange>& changes,
                std::optional<double> confidence = {});

// A convincing sighting in the zone of the stay.
void dwell_on(ZoneStay& stay, const Instant& at, std::vector<PresenceChange>& changes);

// Ends the stay that is open.
void leave_zone(Visit& visit, const Instant& until, std::vector<PresenceChange>& changes);

}  // namespace beacon_gateway
