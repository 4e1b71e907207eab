// A walk as it happens: tells the technician where to stand, hears the tag through the shop's radios, and shows live
// which scanners hear it and how strongly.
//
// Time is the advertisements' own, as in `run`; the keyboard is looked at between the radio's turns.
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <vector>

#include "cli/edges.hpp"
#include "cli/language.hpp"
#include "cli/walk_tag.hpp"

namespace beacon_gateway {

// The technician's keyboard and screen.
struct Terminal {
  enum class Key : std::uint8_t { none, enter, closed };

  std::function<Key()> key;  // pressed since the last call; never waits
  bool redraws = false;      // the line of levels is written over, else below
};

// Standard input, and standard error.
[[nodiscard]] Terminal standard_terminal();

// The sightings of the whole walk; nothing, after saying why on `err`, if it could not begin or was given up.
[[nodiscard]] std::optional<std::vector<WalkSighting>> walk_live(const Settings& settings, const Edges& edges,
                                                                 TagListener& tag, const Terminal& terminal,
                                                                 Language language, std::ostream& err);

}  // namespace beacon_gateway
