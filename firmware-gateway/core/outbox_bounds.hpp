// How much may wait in the outbox, and what has to go first when more comes (promise 4 of the design).
#pragma once

#include <cstdint>

#include "core/time.hpp"

namespace beacon_gateway {

struct OutboxBounds {
  std::int64_t rows = 50'000;
  std::int64_t octets = 32LL * 1024 * 1024;  // as OutboxTotals counts them
  Duration age = std::chrono::hours{72};     // by the time of the event
};

// What an event is worth to the orchestrator; the least goes first, and of equals the oldest. Kept in the store as the
// number: add at the place where it belongs only together with an upgrade of the store.
enum class Worth : std::uint8_t {
  report,    // decisions: why nothing was sent
  movement,  // zones entered and left: the visit's end sums them up
  visit,     // visits started and ended
  offer,     // promotions and surveys
  service,   // welcomes and calls for staff: somebody waits
  duty,      // receipts of erasures: the law wants them, they never go
};

}  // namespace beacon_gateway
