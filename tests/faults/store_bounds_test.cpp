// Cases 3 and 37: a broker that is away for days, and instants whose numbers wrap in too few bits.
#include "delivery.hpp"
#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "drivers/sqlite/sqlite_profile_store.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_uplink.hpp"
#include "tests/faults/seed.hpp"
#include "tests/unit/drivers/sqlite/canaries.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

bool adds_up(const OutboxTotals& t) {
  return t.recorded ==
         t.delivered + t.expired + t.dead_letter + t.withdrawn + t.evicted + t.damaged + t.missing + t.waiting;
}

// A walk of one shopper into the shop and out again, an hour long.
void visit(GatewayWorld& world, Duration from) {
  for (int second = 0; second < 3; ++second) world.hear(advertisement(1, from + second * 1000ms));
  world.silence_until(from + 30min);
}

void deliver_all(Delivery& delivery, FakeUplink& uplink, const Instant& now) {
  delivery.pump(now, now.monotonic);
  while (!uplink.unsettled.empty()) {
    const auto [sequence, outcome] = uplink.answer_oldest();
    delivery.settled(sequence, outcome, now.monotonic);
    delivery.pump(now, now.monotonic);
  }
}

}  // namespace

TEST_CASE("case 3: a broker away for three days: the outbox keeps its bounds, and what is left goes out in order") {
  const int visits = rounds(150, 350);
  OutboxBounds bounds;
  bounds.rows = visits * 5 / 2;  // half of what comes
  Settings settings = small_shop();
  settings.journey.daily_cap_per_shopper = visits;
  GatewayWorld world{settings, {}, ClockSource::capture, bounds};
  world.know({shopper(1)});
  FakeUplink uplink;
  Delivery delivery{world.journey(), world.profiles(), uplink, world.counters(),
                    [&](const OutboxRow& row, Outcome outcome, std::string_view reason, const Instant& at) {
                      world.gateway().tell_unsent(row, outcome, reason, at);
                    }};
  const Duration apart = std::chrono::duration_cast<Duration>(71h) / visits;
  for (int i = 0; i < visits; ++i) {
    for (int second = 0; second < 3; ++second) world.hear(advertisement(1, i * apart + second * 1000ms));
    world.gateway().finish();
    delivery.pump(world.gateway().now(), world.gateway().now().monotonic);
    REQUIRE(world.journey().totals().waiting <= bounds.rows);
  }
  const OutboxTotals away = world.journey().totals();
  CHECK(away.recorded == visits * 5);
  CHECK(away.expired == visits);  // the welcomes: late is worse than never
  CHECK(away.evicted > 0);
  CHECK(adds_up(away));
  delivery.link_up();
  deliver_all(delivery, uplink, world.gateway().now());
  const auto sent = uplink.sequences_sent();
  CHECK(std::ranges::is_sorted(sent));
  CHECK(static_cast<std::int64_t>(sent.size()) == away.waiting);
  CHECK(world.journey().totals().waiting == 0);
  const auto of_type = [&](const std::string& type) {
    return std::ranges::count_if(uplink.sent, [&](const FakeUplink::Sent& one) { return one.row.type == type; });
  };
  CHECK(of_type("com.beacongateway.visit.started.v1") == visits);  // zones went instead
  CHECK(of_type("com.beacongateway.visit.ended.v1") == visits);
}

TEST_CASE("an evicted welcome is told of where suppressions are, and telling it keeps the bounds") {
  Settings settings = small_shop();
  settings.journey.report_suppressed = true;
  OutboxBounds bounds;
  bounds.rows = 12;
  GatewayWorld world{settings, {}, ClockSource::capture, bounds};
  world.know({shopper(1), shopper(2), shopper(3), shopper(4), shopper(5)});
  for (std::uint16_t number = 1; number <= 5; ++number)
    for (int second = 0; second < 3; ++second) world.hear(advertisement(number, second * 1000ms));
  CHECK(world.journey().totals().waiting <= bounds.rows);
  CHECK(world.journey().totals().evicted > 0);
  CHECK(world.counters()[Count::evicted] == static_cast<std::uint64_t>(world.journey().totals().evicted));
  CHECK(adds_up(world.journey().totals()));
  const auto rows = world.rows();
  const auto welcome = std::ranges::find(rows, std::string{"welcome"}, &OutboxRow::campaign);
  REQUIRE(welcome != rows.end());
  world.journey().transact([&] {
    world.gateway().tell_unsent(*welcome, Outcome::evicted, {}, world.gateway().now());
    world.gateway().tell_unsent(*welcome, Outcome::evicted, {}, world.gateway().now());  // comes twice: told once
  });
  CHECK(world.told().back() == "2000 decision " + welcome->shopper_id.value() + " welcome");
  CHECK(world.rows().size() == rows.size() + 1);
  CHECK(field(world.payloads().back(), "outcome") == "evicted");
}

TEST_CASE("case 37: 49.7 days of milliseconds, 2038 and 2106 are days like others") {
  constexpr Duration kMorningToWrap = std::chrono::milliseconds{1LL << 32U};
  const WallTime in_2038{std::chrono::seconds{(1LL << 31U) - 60}};
  const WallTime in_2106{std::chrono::seconds{(1LL << 32U) - 60}};
  const Duration from = GENERATE_COPY(kMorningToWrap - 60s, in_2038 - kMorning, in_2106 - kMorning);
  GatewayWorld world;
  world.know({shopper(1)});
  visit(world, from);
  const auto told = world.told();
  REQUIRE(told.size() == 5);
  const auto since = [&](Duration at) { return std::to_string((from + at) / 1ms); };
  CHECK(told[0] == since(2s) + " visit.started s-1 door");
  CHECK(told[3] == since(47s) + " zone.left s-1 door");
  CHECK(told[4] == since(2s + 10min) + " visit.ended s-1");
  CHECK(world.rows()[2].expires_at == kMorning + from + 2s + 2min);
  CHECK(world.journey().next_expiry() == kMorning + from + 2s + 2min);
  CHECK(world.journey().expired_at(kMorning + from + 72h + 10min + 2s, 9).size() == 5);
  visit(world, from + 60min);  // a new visit, within the cooldown of none: welcomed again
  CHECK(world.told().size() == 10);
}
