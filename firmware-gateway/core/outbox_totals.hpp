// Monotonic counts of the outbox since the store was made: nothing recorded ends unaccounted for.
#pragma once

#include <cstdint>

namespace beacon_gateway {

// recorded = delivered + expired + dead_letter + withdrawn + evicted + damaged + missing + waiting, always.
struct OutboxTotals {
  std::int64_t recorded = 0;
  std::int64_t delivered = 0;
  std::int64_t expired = 0;
  std::int64_t dead_letter = 0;
  std::int64_t withdrawn = 0;   // consent ended before it was sent
  std::int64_t evicted = 0;     // the outbox was full, or it waited longer than OutboxBounds::age
  std::int64_t damaged = 0;     // found altered when read, and never sent
  std::int64_t missing = 0;     // recorded once, but the file came back without them
  std::int64_t waiting = 0;     // now
  std::int64_t octets = 0;      // of those that wait: sealed bodies, and what SQLite keeps beside each
  std::int64_t begun_anew = 0;  // 1: the file before this one was damaged or moved away, with what waited in it
};

}  // namespace beacon_gateway
