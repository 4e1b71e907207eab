// Presence by thresholds (contract 3.7, simple mode): for a shop without a calibration.
//
// Per scanner an exponential mean with a time constant; a zone is as loud as its loudest scanner; a visit starts at an
// entrance zone after enough loud advertisements; the zone is the loudest one, with a margin against flapping.
// Pure functions over a Track; O(scanners) per sighting, no allocation once a visit is open.
#pragma once

#include <optional>
#include <vector>

#include "core/presence/shop.hpp"
#include "core/presence/track.hpp"

namespace beacon_gateway::simple_mode {

// A sighting at `scanner`, whose level in the track has it already. Pass every deadline up to `at` first. Appends to
// `changes`.
void observe(Track& track, const Shop& shop, ScannerIndex scanner, const Instant& at,
             std::vector<PresenceChange>& changes);

}  // namespace beacon_gateway::simple_mode
