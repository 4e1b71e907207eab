// The machine's clocks, read together: the only place of the daemon where time comes from.
#pragma once

#include "core/time.hpp"

namespace beacon_gateway::system {

// Monotonic is CLOCK_BOOTTIME, which also counts while the machine sleeps. Wall time is untrusted until the kernel says
// that it is synchronised (adjtimex(2): no STA_UNSYNC).
[[nodiscard]] Instant machine_instant();

}  // namespace beacon_gateway::system
