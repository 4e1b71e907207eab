// Monotonic counts of the outbox since the store was made: nothing recorded ends unaccounted for.
#pragma once

#include <cstdint>

namespace beacon_gateway {

// recorded = delivered + expired + dead_letter + withdrawn + waiting, always.
struct OutboxTotals {
  std::int64_t recorded = 0;
  std::int64_t delivered = 0;
  std::int64_t expired = 0;
  std::int64_t dead_letter = 0;
  std::int64_t withdrawn = 0;  // consent ended before it was sent
  std::int64_t waiting = 0;    // now
};

}  // namespace beacon_gateway
