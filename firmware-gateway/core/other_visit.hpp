// What another gateway of the store says of a visit (contract 3.4, topics from the side), decoded. Not signed: the
// broker lets each gateway write its own events only, and nobody is met by it whom we do not hold with her consent.
#pragma once

#include <cstdint>
#include <string>

#include "core/shopper_id.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

struct OtherVisit {
  enum class What : std::uint8_t { started, ended };
  What what = What::started;
  std::string gateway;  // who says it
  ShopperId shopper_id;
  std::string visit_id;
  WallTime at{};          // the event's time
  int continues = 0;      // of started: how often the visit was handed over before
  bool replayed = false;  // from a recording
};

}  // namespace beacon_gateway
