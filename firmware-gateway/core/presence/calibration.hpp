// What a technician's walk through the shop taught: how strongly each place is heard by each scanner.
//
// A place is a spot of a few metres, of a zone or of the street before the doors, found by `fit_calibration`; a zone of
// more than a room's size has several. Levels are in dBm, of the tag that the technician carried, with the scanners'
// offsets added: phones differ from it by a constant, which presence learns anew in each visit.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/presence/shop.hpp"

namespace beacon_gateway {

// As faint as nothing is: what a scanner that did not hear a place is taken to hear there.
inline constexpr double kUnheardDbm = -100;
// The fit makes no more. The filter keeps 44 octets a spot for each shopper in or near the shop: with 512, 45 MB for
// two thousand of them. Of the street 36 still told passers-by from visitors better than 24 (fit.cpp).
inline constexpr std::size_t kMostSpotsOfAPlace = 36;
inline constexpr std::size_t kMostSpots = 512;

struct Spot {
  std::optional<ZoneIndex> zone;   // nothing: the street
  std::vector<double> levels_dbm;  // by scanner; kUnheardDbm: not heard there
  friend bool operator==(const Spot&, const Spot&) = default;
};

// At least one spot of the street and of each zone, and no more than above.
struct Calibration {
  std::vector<Spot> spots;
  friend bool operator==(const Calibration&, const Calibration&) = default;
};

}  // namespace beacon_gateway
