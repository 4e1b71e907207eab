#include "drivers/mqtt/reconnect_policy.hpp"

#include <algorithm>
#include <set>

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
