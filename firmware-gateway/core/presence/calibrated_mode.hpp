// Presence by a belief (contract 3.7, calibrated mode): for a shop that a technician has walked through.
//
// A visit starts in any zone once the belief in being inside suffices; the zone is the likeliest one, with a margin
// against flapping: in the odds, not in time, so that a real step into another zone is told at once; and much wider for
// a step back into the zone just left, so that somebody between two zones is not told again and again. A sighting after
// which the belief in being inside is at least one half convinces.
#pragma once

#include <vector>

#include "core/presence/belief_filter.hpp"
#include "core/presence/track.hpp"

namespace beacon_gateway {

class CalibratedMode {
 public:
  // The shop has a calibration.
  explicit CalibratedMode(const Shop& shop) : filter_(shop) {}

  // `heard_anything`: by scanner, when it last heard anybody.
  void observe(Track& track, const Sighting& sighting, std::span<const std::optional<MonotonicTime>> heard_anything,
               std::vector<PresenceChange>& changes) const;

 private:
  static void maybe_start(Track& track, const Where& where, const Sighting& sighting,
                          std::vector<PresenceChange>& changes);
  static void follow(Visit& visit, const Where& where, const Instant& at, std::vector<PresenceChange>& changes);

  BeliefFilter filter_;
};

}  // namespace beacon_gateway
