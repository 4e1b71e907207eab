// The counters of a gateway as JSON (topic `health`, contract 3.4): numbers only, nothing about any person.
#pragma once

#include <cstddef>
#include <string>

#include "core/counters.hpp"
#include "core/outbox_totals.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

[[nodiscard]] std::string health_json(const Counters& counters, const OutboxTotals& outbox, std::size_t open_visits,
                                      WallTime at);

}  // namespace beacon_gateway
