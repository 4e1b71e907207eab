// One shop day of the whole core under faults, in one thread, on simulated time, from one seed: the real Gateway and
// Delivery over the real stores, between a simulated radio, broker and orchestrator. Every step is checked
// (ledger.hpp).
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace beacon_gateway_test {

enum class Fault : std::uint8_t {
  kills,         // the process dies at any point, and comes back after a while
  link,          // the link flaps, the broker says no, late or nothing; receipts come late, twice or never
  orchestrator,  // profiles change; messages are lost, come twice, or are interrupted
  clock,         // starts with a wrong clock, and steps
  operators,     // pauses, reloads, orderly restarts
};
inline constexpr std::size_t kFaultCount = 5;
using Faults = std::bitset<kFaultCount>;
[[nodiscard]] const char* name(Fault fault);

struct DayPlan {
  std::uint64_t seed = 0;
  Faults faults = Faults{}.set();
  bool story = false;
};

struct DayResult {
  std::optional<std::string> violation;  // what does not hold, and where
  std::vector<std::string> story;        // if asked for
  std::vector<std::string> events;       // as they go over the wire; of days on a capture's clock
  std::uint64_t steps = 0;
  std::uint64_t deaths = 0;
  std::uint64_t triggers = 0;
  std::uint64_t recorded = 0;
};

// A part of the seeds runs on a capture's clock: there a day with deaths has to tell exactly what one without tells.
[[nodiscard]] bool on_capture_clock(std::uint64_t seed);

[[nodiscard]] DayResult run_day(const DayPlan& plan);

}  // namespace beacon_gateway_test
