// From a technician's walk to a calibration: which spots the shop has, and how well its zones can be told apart.
// Pure; the same walk gives the same calibration.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/presence/calibration.hpp"

namespace beacon_gateway {

// One advertisement of the technician's tag at one scanner, its offset not yet added, and where she stood.
struct WalkSighting {
  Instant at;
  ScannerIndex scanner = 0;
  int rssi_dbm = 0;
  std::optional<ZoneIndex> zone;  // nothing: the street
};

// A place with too few moments (two a second) in which the tag was heard; no calibration can be made.
struct TooLittleHeard {
  std::optional<ZoneIndex> zone;  // nothing: the street
  int windows = 0;
  int needed = 0;
};

// How well two places that touch can be told apart: of the walk's moments in either, the share that the calibration
// would name rightly by the moment alone (the filter, which also knows what was before, does better).
struct Separation {
  std::optional<ZoneIndex> one;  // nothing: the street
  std::optional<ZoneIndex> other;
  double share = 0;  // 0.5: not at all; 1: always
};

struct Fit {
  Calibration calibration;
  std::vector<TooLittleHeard> missing;  // not empty: the calibration is of no use
  std::vector<Separation> separations;  // of the places that touch
  std::vector<int> windows_by_place;    // heard; the street first, then the zones
};

[[nodiscard]] Fit fit_calibration(const Shop& shop, std::span<const WalkSighting> walk);

}  // namespace beacon_gateway
