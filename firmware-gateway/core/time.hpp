// Points in time as the gateway sees them. Time is data: every input carries its Instant, and nothing below
// the runtime reads a clock, so a replay, a test and the daemon run the same code.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace beacon_gateway {

using Duration = std::chrono::microseconds;

// UTC, microseconds since 1970-01-01. What goes on the wire and on disk.
using WallTime = std::chrono::sys_time<Duration>;

// Microseconds on a clock that never steps: since boot in the daemon, since 1970-01-01 in a capture.
// Meaningless on another machine or after a restart, hence never stored.
struct MonotonicClock {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonotonicClock, Duration>;
  static constexpr bool is_steady = true;
};
using MonotonicTime = MonotonicClock::time_point;

// Whether wall time may decide about quiet hours and dates. Captures are always trusted.
enum class TimeQuality : std::uint8_t { trusted, untrusted };

// Two trusted clocks of different machines differ by less: servers set both, over the network.
inline constexpr Duration kClocksDiffer = std::chrono::seconds{5};

// Both clocks, read together at one edge. Differences and timers use `monotonic`; dates, events and files `wall`.
struct Instant {
  MonotonicTime monotonic{};
  WallTime wall{};
  TimeQuality quality = TimeQuality::trusted;

  friend bool operator==(const Instant&, const Instant&) = default;
};

// The instant `by` later than `from` on both clocks.
[[nodiscard]] constexpr Instant later(const Instant& from, Duration by) {
  return {from.monotonic + by, from.wall + by, from.quality};
}

// The instant of a capture's record: both clocks are the capture's.
[[nodiscard]] constexpr Instant capture_instant(WallTime wall) {
  return {MonotonicTime{wall.time_since_epoch()}, wall, TimeQuality::trusted};
}

}  // namespace beacon_gateway
