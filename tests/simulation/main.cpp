// ./dev simulate: shop days under faults, a seed each, until one breaks a promise or all are done.
//
//   simulate [--seeds N] [--from SEED]   N days (default 1000), their seeds from SEED on (default 1)
//   simulate --seed SEED                 one day, its whole story
// Exit status: 0 all promises hold, 1 one is broken (seed, story and what it takes are printed), 2 wrong usage.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <span>
#include <string_view>

#include "tests/simulation/simulated_day.hpp"

namespace beacon_gateway_test {
namespace {

constexpr int kGood = 0;
constexpr int kBroken = 1;
constexpr int kWrongUsage = 2;
constexpr std::size_t kLinesTold = 60;  // the last ones before a promise was broken

// Of the processor's time. A day takes some tens of milliseconds, under a sanitizer a second.
constexpr int kLongestDaySeconds = 120;

std::array<char, 160> last_words{};  // written where nothing may be formatted any more
std::size_t last_words_length = 0;

// A loop within a step, which no bound on steps sees, ends with a word, too.
void expect_end_of(std::uint64_t seed) {
  const auto words = fmt::format_to_n(last_words.data(), last_words.size(),
                                      "seed {}: a step of the day has not ended after {} s of the processor's time; "
                                      "look with: gdb --args simulate --seed {}\n",
                                      seed, kLongestDaySeconds, seed);
  last_words_length = std::min(words.size, last_words.size());
  (void)std::signal(SIGPROF, [](int) {
    (void)!::write(STDOUT_FILENO, last_words.data(), last_words_length);
    ::_exit(kBroken);
  });
  const itimerval once{.it_interval = {}, .it_value = {.tv_sec = kLongestDaySeconds, .tv_usec = 0}};
  ::setitimer(ITIMER_PROF, &once, nullptr);
}

// A day, and on a capture's clock the same day without deaths, which has to tell the same.
DayResult judge(const DayPlan& plan) {
  expect_end_of(plan.seed);
  DayResult result = run_day(plan);
  if (result.violation || !on_capture_clock(plan.seed)) return result;
  const DayResult calm = run_day({plan.seed, Faults{}, false});
  if (calm.violation) {
    result.violation = "without any fault: " + *calm.violation;
  } else if (result.events != calm.events) {
    const auto [ours, other] = std::ranges::mismatch(result.events, calm.events);
    result.violation = fmt::format("with faults the day tells\n  {}\nwithout\n  {}",
                                   ours == result.events.end() ? "(nothing more)" : *ours,
                                   other == calm.events.end() ? "(nothing more)" : *other);
  }
  return result;
}

// Leaves out each kind of fault without which the promise is broken all the same.
Faults needed_faults(const DayPlan& failing) {
  Faults needed = failing.faults;
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    const Faults fewer = Faults{needed}.reset(i);
    if (judge({failing.seed, fewer, false}).violation) needed = fewer;
  }
  return needed;
}

void tell(const DayPlan& failing) {
  const Faults needed = needed_faults(failing);
  const DayResult result = judge({failing.seed, needed, true});
  std::string kinds;
  for (std::size_t i = 0; i < kFaultCount; ++i)
    if (needed.test(i)) kinds += fmt::format(" {}", name(static_cast<Fault>(i)));
  const std::size_t skipped = result.story.size() - std::min(result.story.size(), kLinesTold);
  for (std::size_t i = skipped; i < result.story.size(); ++i) fmt::print("{}\n", result.story[i]);
  fmt::print("seed {}: {}\nfaults it takes:{}; again, with the whole story: ./dev simulate --seed {}\n", failing.seed,
             result.violation.value_or("not broken a second time: the simulation is not deterministic"),
             kinds.empty() ? " none" : kinds, failing.seed);
}

int run_seeds(std::uint64_t from, std::uint64_t count) {
  const auto began = std::chrono::steady_clock::now();
  const std::clock_t worked = std::clock();
  DayResult sum;
  std::uint64_t longest = 0;
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    const DayPlan plan{seed};
    const DayResult result = judge(plan);
    if (result.violation) {
      tell(plan);
      return kBroken;
    }
    sum.steps += result.steps;
    longest = std::max(longest, result.steps);
    sum.deaths += result.deaths;
    sum.triggers += result.triggers;
    sum.recorded += result.recorded;
  }
  using Minutes = std::chrono::duration<double, std::ratio<60>>;
  const double minutes = Minutes(std::chrono::steady_clock::now() - began).count();
  const double worked_minutes = static_cast<double>(std::clock() - worked) / CLOCKS_PER_SEC / 60;
  fmt::print(
      "seeds {} to {}: all promises hold. {} steps ({} in the longest day), {} deaths, {} events, {} triggers; {:.0f} "
      "shop days a minute, "
      "{:.0f} of the processor's time\n",
      from, from + count - 1, sum.steps, longest, sum.deaths, sum.recorded, sum.triggers,
      static_cast<double>(count) / minutes, static_cast<double>(count) / worked_minutes);
  return kGood;
}

int run_one(std::uint64_t seed) {
  const DayResult result = judge({seed, Faults{}.set(), true});
  for (const std::string& line : result.story) fmt::print("{}\n", line);
  fmt::print("seed {}: {}\n", seed, result.violation.value_or("all promises hold"));
  return result.violation ? kBroken : kGood;
}

bool read(std::string_view text, std::uint64_t& number) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc{} && end == text.data() + text.size();
}

int simulate(std::span<char* const> arguments) {
  std::uint64_t seeds = 1000;
  std::uint64_t from = 1;
  std::optional<std::uint64_t> one;
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    const std::string_view option = arguments[i];
    std::uint64_t number = 0;
    const bool known = option == "--seeds" || option == "--from" || option == "--seed";
    if (!known || !read(arguments[i + 1], number)) return kWrongUsage;
    if (option == "--seeds") seeds = number;
    if (option == "--from") from = number;
    if (option == "--seed") one = number;
  }
  if (arguments.size() % 2 != 0 || seeds == 0) return kWrongUsage;
  spdlog::set_level(spdlog::level::off);  // what the gateway would warn of happens here all the time
  return one ? run_one(*one) : run_seeds(from, seeds);
}

}  // namespace
}  // namespace beacon_gateway_test

int main(int count, char** arguments) {
  const int status = beacon_gateway_test::simulate(std::span{arguments + 1, static_cast<std::size_t>(count - 1)});
  if (status == beacon_gateway_test::kWrongUsage)
    fmt::print(stderr, "usage: simulate [--seeds N] [--from SEED] | simulate --seed SEED\n");
  return status;
}
