// The gateway's condition in numbers, once a minute: nothing about any person.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/counters.hpp"
#include "core/outbox_totals.hpp"
#include "core/time.hpp"
#include "core/warning.hpp"

namespace beacon_gateway {

struct Health {
  WallTime at{};
  std::size_t open_visits = 0;
  OutboxTotals outbox;
  Counters counters;
  Warnings warnings = {};
};

}  // namespace beacon_gateway
