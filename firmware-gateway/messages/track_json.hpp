// A followed shopper <-> JSON, for the store: exact, so that a restart continues as if nothing had happened.
// Monotonic time is not stored; it is put back relative to `now`. Zones and scanners go by their names, so that a
// changed configuration does not move anybody to another zone: what is no longer there is left out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/journey/visit_state.hpp"
#include "core/presence/track.hpp"

namespace beacon_gateway {

struct TrackAndVisit {
  Track track;
  VisitState visit;
};

[[nodiscard]] std::string track_to_json(const Track& track, const VisitState& visit, const Shop& shop);

// Nothing if the text is not what `track_to_json` writes (an older version, or damage).
[[nodiscard]] std::optional<TrackAndVisit> track_from_json(std::string_view text, const Shop& shop, const Instant& now);

}  // namespace beacon_gateway
