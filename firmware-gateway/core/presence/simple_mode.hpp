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

// A sighting at `scanner` of `rssi_dbm` (offset not yet added). Pass every deadline up to `at` first. Appends
// to `changes`.
void observe(Track& track, const Shop& shop, ScannerIndex scanner, int rssi_dbm, const Instant& at,
             std::vector<PresenceChange>& changes);

// When silence will next change this track, if nothing is heard before; nothing for a track that holds nothing.
[[nodiscard]] std::optional<Instant> next_deadline(const Track& track, const Shop& shop);

// Silence until `deadline`, which is the track's next one: a zone is left, a visit ends, or the track is `empty` and
// can be forgotten. Appends to `changes`.
void pass_deadline(Track& track, const Shop& shop, std::vector<PresenceChange>& changes);

// True when nothing is left to remember.
[[nodiscard]] bool empty(const Track& track);

// Ends an open visit at once, without a change: consent was withdrawn.
void forget(Track& track);

}  // namespace beacon_gateway::simple_mode
