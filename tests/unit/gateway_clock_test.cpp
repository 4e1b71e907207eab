// Case 36: what a clock that nobody trusts must not cost.
#include "tests/catch.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

TEST_CASE("caps and decisions outlast a start with a wrong year: nobody is welcomed again within the cooldown") {
  constexpr Duration kWrongBy = 24h * 900;
  Settings settings = small_shop();
  settings.journey.campaigns[0].cap.cooldown = 4h;
  GatewayWorld world{settings, {}, ClockSource::machine};
  world.know({shopper(1), shopper(2)});
  world.hear(entering(1));
  world.silence_until(20min);
  REQUIRE(world.decisions(1) == std::vector<std::string>{"welcome trigger"});
  std::vector<Advertisement> other = entering(2, 30min);  // whose visit is one more commit
  for (Advertisement& one : other) {
    one.instant.wall += kWrongBy;
    one.instant.quality = TimeQuality::untrusted;
  }
  world.gateway().pass_time(other.front().instant);
  world.know({});  // a word on that clock: the lease is not over
  world.hear(other);
  REQUIRE(world.gateway().open_visits() == 1);
  world.silence_until(1h);  // the time is known again
  world.hear(entering(1, 2h));
  CHECK(world.decisions(1) == std::vector<std::string>{"welcome suppressed cooldown", "welcome trigger"});
}

TEST_CASE("who was met by a wrong clock is told of by the right one, once it is set: not after her consent's end") {
  constexpr Duration kWrongBy = -24h * 300;
  GatewayWorld world{small_shop(), {}, ClockSource::machine};
  std::vector<Consent> ended = consents({Purpose::presence, Purpose::welcome});
  for (Consent& one : ended) {
    one.granted_at = kMorning - 24h * 400;
    one.expires_at = kMorning - 24h * 100;
  }
  std::vector<Advertisement> walk = entering(1);
  for (Advertisement& one : walk) {
    one.instant.wall += kWrongBy;
    one.instant.quality = TimeQuality::untrusted;
  }
  world.gateway().pass_time(walk.front().instant);
  world.know({shopper(1, ended)});
  world.hear(walk);
  REQUIRE(world.gateway().open_visits() == 1);
  const std::size_t told = world.rows().size();
  world.silence_until(1min);  // the clock is set
  world.silence_until(1h);
  CHECK(world.gateway().open_visits() == 0);
  CHECK(world.rows().size() == told);
}
