#include "drivers/system/system_clock.hpp"

#include <sys/timex.h>

#include <ctime>

namespace beacon_gateway::system {
namespace {

Duration read(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);  // cannot fail for these clocks
  return std::chrono::seconds{time.tv_sec} + std::chrono::floor<Duration>(std::chrono::nanoseconds{time.tv_nsec});
}

TimeQuality quality() {
  timex state{};
  return ::adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0 ? TimeQuality::trusted : TimeQuality::untrusted;
}

}  // namespace

Instant machine_instant() {
  return {MonotonicTime{read(CLOCK_BOOTTIME)}, WallTime{read(CLOCK_REALTIME)}, quality()};
}

}  // namespace beacon_gateway::system
