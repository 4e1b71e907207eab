// What a walk taught, for the file and for the technician.
#pragma once

#include <span>
#include <string>

#include "cli/language.hpp"
#include "core/presence/fit.hpp"

namespace beacon_gateway {

// The walk as `walk-test` heard it; all sightings have their place.
struct Walk {
  std::string tag;  // masked
  std::vector<WalkSighting> sightings;
};

// calibration.toml, with a header that says where it comes from.
[[nodiscard]] std::string calibration_file(const Fit& fit, const Shop& shop, const Walk& walk);

// How long each place was heard, how well places that touch can be told apart, and what to do where they cannot; or
// which places were heard too little.
[[nodiscard]] std::string walk_report(const Fit& fit, const Shop& shop, const Walk& walk, Language language);

}  // namespace beacon_gateway
