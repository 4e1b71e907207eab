// The tables of journey.db, and which of their columns are sealed under which name. Times are UTC microseconds, dates
// are days since 1970-01-01, `shopper` is the keyed hash of the pseudonym.
#pragma once

#include "drivers/sqlite/sealed_database.hpp"

namespace beacon_gateway::sqlite {

inline constexpr std::string_view kOutboxBody = "outbox.body";  // id, shopper_id, visit_id, payload; under sequence
inline constexpr std::string_view kCapVisit = "caps.visit";     // visit_id; under shopper and at
inline constexpr std::string_view kDecisionBody = "decisions.body";  // visit_id, campaign, outcome, reason; likewise
inline constexpr std::string_view kTrackBody = "tracks.body";        // shopper_id, track as JSON; under shopper

[[nodiscard]] const StoreLayout& journey_layout();

}  // namespace beacon_gateway::sqlite
