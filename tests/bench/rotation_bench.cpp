// A window rolls over: what a period of rolling tokens costs, `advance` being called as often as the daemon does.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include "core/identity/recogniser.hpp"
#include "tests/bench/shops.hpp"

namespace beacon_gateway::bench {
namespace {

constexpr Duration kCalledEvery = std::chrono::milliseconds{250};

struct Shop {
  Recogniser recogniser{IdentityRules{}, Key128{{1, 2, 3}}};
  WallTime now = kNow + std::chrono::seconds{kTokenPeriodSeconds} / 2;  // so that each run has its turn amid it

  explicit Shop(std::uint32_t profiles) {
    for (std::uint32_t i = 0; i < profiles; ++i) recogniser.add(identity(kind("rolling-token"), i), now);
    recogniser.advance(now);
  }
};

// Of this thread alone: on a machine that does other things too, the longest of thousands of calls is else theirs.
std::chrono::nanoseconds processor_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

// One item is one token, for a period; each run is the next period.
void roll_over(benchmark::State& state) {
  static std::map<std::int64_t, std::unique_ptr<Shop>> shops;
  auto& shop = shops[state.range(0)];
  if (!shop) shop = std::make_unique<Shop>(static_cast<std::uint32_t>(state.range(0)));
  std::chrono::nanoseconds longest{};
  for (auto _ : state)
    for (const WallTime end = shop->now + std::chrono::seconds{kTokenPeriodSeconds}; shop->now < end;) {
      shop->now += kCalledEvery;
      const auto began = processor_time();
      shop->recogniser.advance(shop->now);
      longest = std::max(longest, processor_time() - began);
    }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["longest_ns"] = static_cast<double>(longest.count());
}

// Once a repetition: the day's keys last for a hundred periods, not for as many as the library would like.
BENCHMARK(roll_over)->Name("roll over/rolling-token")->Arg(100'000)->Arg(1'000'000)->Iterations(1);

}  // namespace
}  // namespace beacon_gateway::bench
