#include "drivers/mqtt/reconnect_policy.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "tests/catch.hpp"

using beacon_gateway::mqtt::ReconnectOptions;
using beacon_gateway::mqtt::ReconnectPolicy;
using namespace std::chrono_literals;

namespace {

using Clock = ReconnectPolicy::Clock;

constexpr Clock::time_point kStart{1h};

// The longest of the n-th delays over many gateways that lost the same broker at once.
Clock::duration longest_delay(int failures) {
  Clock::duration longest{};
  for (std::uint32_t seed = 1; seed <= 500; ++seed) {
    ReconnectPolicy policy(ReconnectOptions{}, seed);
    Clock::duration delay{};
    for (int i = 0; i < failures; ++i) delay = policy.ended(kStart, std::nullopt, true).delay;
    longest = std::max(longest, delay);
  }
  return longest;
}

}  // namespace

TEST_CASE("the bound of the delay doubles from 1 s to 30 s") {
  CHECK(longest_delay(1) <= 1s);
  CHECK(longest_delay(1) > 900ms);
  CHECK(longest_delay(2) <= 2s);
  CHECK(longest_delay(2) > 1s);
  CHECK(longest_delay(6) > 16s);
  CHECK(longest_delay(20) <= 30s);
  CHECK(longest_delay(20) > 25s);
}

TEST_CASE("gateways do not return in step") {
  std::set<Clock::duration> delays;
  for (std::uint32_t seed = 1; seed <= 50; ++seed)
    delays.insert(ReconnectPolicy(ReconnectOptions{}, seed).ended(kStart, std::nullopt, false).delay);
  CHECK(delays.size() == 50);
}

TEST_CASE("a link that lived a minute starts the doubling anew, a shorter one does not") {
  const auto lived = [](Clock::duration life) {
    Clock::duration longest{};
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
      ReconnectPolicy policy(ReconnectOptions{}, seed);
      for (int i = 0; i < 10; ++i) (void)policy.ended(kStart, std::nullopt, true);
      longest = std::max(longest, policy.ended(kStart + life, kStart, true).delay);
    }
    return longest;
  };
  CHECK(lived(60s) <= 1s);
  CHECK(lived(59s) > 20s);
}

TEST_CASE("three short links within five minutes look like a second box with our identity") {
  ReconnectPolicy policy(ReconnectOptions{}, 1);
  CHECK_FALSE(policy.ended(kStart, kStart - 1s, false).duplicate_identity);
  CHECK_FALSE(policy.ended(kStart + 10s, kStart + 8s, false).duplicate_identity);
  const auto third = policy.ended(kStart + 20s, kStart + 11s, false);
  CHECK(third.duplicate_identity);
  CHECK(third.delay >= 60s);
  CHECK(third.delay <= 90s);

  SECTION("and stop doing so once they are five minutes past") {
    CHECK_FALSE(policy.ended(kStart + 400s, kStart + 100s, false).duplicate_identity);
  }
}

TEST_CASE("short links that the broker explained, long ones and failed attempts are no sign of a second box") {
  ReconnectPolicy policy(ReconnectOptions{}, 1);
  for (int i = 0; i < 10; ++i) {
    CHECK_FALSE(policy.ended(kStart + i * 1s, kStart, true).duplicate_identity);
    CHECK_FALSE(policy.ended(kStart + 20s, kStart, false).duplicate_identity);
    CHECK_FALSE(policy.ended(kStart, std::nullopt, false).duplicate_identity);
  }
}

TEST_CASE("a broker that restarts again and again is no second box: between two links an attempt finds nobody") {
  ReconnectPolicy policy(ReconnectOptions{}, 1);
  for (auto now = kStart; now < kStart + 5min; now += 5s) {
    CHECK_FALSE(policy.ended(now, now - 1s, false).duplicate_identity);
    CHECK_FALSE(policy.ended(now + 1s, std::nullopt, true).duplicate_identity);
    CHECK_FALSE(policy.ended(now + 2s, std::nullopt, true).duplicate_identity);
  }
  (void)policy.ended(kStart + 6min, kStart + 6min - 1s, false);
  (void)policy.ended(kStart + 6min, kStart + 6min - 1s, false);
  CHECK(policy.ended(kStart + 6min, kStart + 6min - 1s, false).duplicate_identity);
}

// Two boxes with one identity, each thrown out by the other's connect, over ten minutes of a clock of their own: each
// finds out within five, and then none connects more than twice a minute.
TEST_CASE("two boxes with one identity step back") {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    struct Box {
      ReconnectPolicy policy;
      Clock::time_point next;  // attempt
      std::optional<Clock::time_point> up{};
      std::optional<Clock::time_point> found_out{};
      std::vector<Clock::time_point> connects{};
    };
    std::array<Box, 2> boxes{Box{ReconnectPolicy{{}, seed}, kStart}, Box{ReconnectPolicy{{}, seed + 1000}, kStart}};
    while (true) {
      const std::size_t mine = boxes[0].next <= boxes[1].next ? 0 : 1;
      Box& comes = boxes[mine];
      Box& goes = boxes[1 - mine];
      const auto now = comes.next;
      if (now > kStart + 10min) break;
      comes.up = now;
      comes.connects.push_back(now);
      comes.next = Clock::time_point::max();  // stays until it is thrown out
      if (!goes.up) continue;
      const auto verdict = goes.policy.ended(now, std::exchange(goes.up, std::nullopt), false);
      if (verdict.duplicate_identity && !goes.found_out) goes.found_out = now;
      goes.next = now + verdict.delay;
    }
    INFO("seed " << seed);
    REQUIRE((boxes[0].found_out || boxes[1].found_out));
    CHECK(std::min(boxes[0].found_out.value_or(kStart + 1h), boxes[1].found_out.value_or(kStart + 1h)) <=
          kStart + 5min);
    for (const Box& box : boxes) CHECK(box.connects.size() <= 2 * 10);
  }
}
