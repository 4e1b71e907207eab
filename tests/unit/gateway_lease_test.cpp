// The consent lease: how long the orchestrator's last word holds.
#include "gateway.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/downlink_messages.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

// Of the machine's clock, which the consent lease goes by.
Instant machine_instant(Duration at) {
  return capture_instant(kMorning + at);
}

}  // namespace

TEST_CASE(
    "without a word of the orchestrator matching stops when the consent lease is over, and goes on with the next") {
  Settings settings = small_shop();
  settings.privacy.consent_lease = 24h;
  GatewayWorld world{settings, {}, ClockSource::machine};
  world.gateway().take(upserts(1, {shopper(1)}));
  world.gateway().pass_time(machine_instant(24h));
  world.hear(entering(1, 24h));
  CHECK(world.counters()[Count::sightings] == 1);  // the first, at the lease's last instant
  CHECK(world.counters()[Count::dropped_lease_over] == 2);
  CHECK(world.gateway().holding().lease_over);
  world.gateway().take(upserts(2, {}));
  world.hear(entering(1, 24h + 10s));
  CHECK(world.gateway().open_visits() == 1);
}

TEST_CASE("an import by hand is a word, too, and a refused message is none") {
  Settings settings = small_shop();
  settings.privacy.consent_lease = 24h;
  GatewayWorld world{settings, {}, ClockSource::machine};
  world.gateway().take(upserts(1, {shopper(1)}));
  world.gateway().pass_time(machine_instant(25h));
  world.gateway().take({DownlinkTopic::gateway_profiles, std::nullopt, DownlinkRefusal::bad_signature, 0});
  CHECK(world.gateway().holding().lease_over);
  (void)world.gateway().import({shopper(2)}, false);
  CHECK_FALSE(world.gateway().holding().lease_over);
}

TEST_CASE("a word that lay in the broker for twenty hours is twenty hours old") {
  GatewayWorld world{small_shop(), {}, ClockSource::machine};
  world.gateway().take(upserts(1, {shopper(1)}));
  world.gateway().pass_time(machine_instant(20h));
  world.gateway().take(message({.revision = 2}, 1));
  world.gateway().pass_time(machine_instant(24h + 1s));
  CHECK(world.gateway().holding().lease_over);
}

TEST_CASE("what was heard on a wrong clock was heard just before it was set") {
  const bool in_future = GENERATE(true, false);
  GatewayWorld world{small_shop(), {}, ClockSource::machine};
  Instant wrong = machine_instant(in_future ? 24h * 365 * 4 : -24h * 365);
  wrong.quality = TimeQuality::untrusted;
  wrong.monotonic = machine_instant(1s).monotonic;
  world.gateway().pass_time(wrong);
  world.gateway().take(upserts(1, {shopper(1)}));
  world.gateway().pass_time(machine_instant(2s));
  CHECK_FALSE(world.gateway().holding().lease_over);
  world.gateway().pass_time(machine_instant(23h));
  CHECK_FALSE(world.gateway().holding().lease_over);
  world.gateway().pass_time(machine_instant(25h));
  CHECK(world.gateway().holding().lease_over);
}

TEST_CASE("the lease is counted over a restart") {
  const TemporaryDirectory folder;
  GatewayWorld world{small_shop(), folder.path(), ClockSource::machine};
  world.gateway().take(upserts(1, {shopper(1)}));
  world.restart();
  world.gateway().pass_time(machine_instant(25h));
  CHECK(world.gateway().holding().lease_over);
}

TEST_CASE("a capture's clock knows no lease") {
  GatewayWorld world;
  world.know({shopper(1)});
  world.hear(entering(1, 48h));
  CHECK(world.gateway().open_visits() == 1);
}

// Each round it dies one point later, until it survives.
