// What a visit is known by outside: its id and how many events of each kind it has had. Saved with the track.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/assurance.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

// Where VisitState::ordinals counts the starts and the ends that were told of a visit.
inline constexpr const char* kStartedOrdinal = "com.beacongateway.visit.started.v1/";
inline constexpr const char* kEndedOrdinal = "com.beacongateway.visit.ended.v1/";

struct VisitState {
  std::string visit_id;  // empty: no visit is open
  Assurance assurance = Assurance::fixed;
  bool told = false;                        // visit.started went out: without it nothing later of the visit may
  std::map<std::string, int> ordinals;      // next ordinal, by event type and what it counts ("type/zone")
  std::optional<WallTime> suspect_until{};  // the identity was heard in two places at once: no trigger before
  std::string kept_by{};                    // the other gateway that will tell the end; empty: this one
  bool adopted = false;                     // another gateway started it: the welcome was its to give
  friend bool operator==(const VisitState&, const VisitState&) = default;
};

}  // namespace beacon_gateway
