// The gateway's condition in numbers, once a minute: nothing about any person.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/counters.hpp"
#include "core/outbox_totals.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

struct Health {
  WallTime at{};
  std::size_t open_visits = 0;
  OutboxTotals outbox;
  Counters counters;
  std::vector<std::string> alarms{};  // what a person has to look at, by name: "store_unavailable"
};

}  // namespace beacon_gateway
