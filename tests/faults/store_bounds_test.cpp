// Cases 3 and 37: a broker that is away for days, and instants whose numbers wrap in too few bits.
#include <fstream>
#include <map>
#include <stdexcept>

#include "delivery.hpp"
#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "drivers/sqlite/sqlite_profile_store.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_uplink.hpp"
#include "tests/fakes/temporary_directory.hpp"
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

bool slow() {
  return rounds(0, 1) == 1;
}

// Shoppers with an even number have agreed to welcomes, the others to offers.
std::vector<Profile> guests(int people) {
  std::vector<Profile> result;
  for (int number = 1; number <= people; ++number)
    result.push_back(shopper(static_cast<std::uint16_t>(number),
                             consents({Purpose::presence, number % 2 == 0 ? Purpose::welcome : Purpose::promotion})));
  return result;
}

// Its welcomes expire after two minutes, its offers not before the three days are over.
Settings shop_with_offer(int daily_cap) {
  Settings settings = small_shop();
  settings.journey.daily_cap_per_shopper = daily_cap;
  settings.journey.campaigns.push_back(campaign("offer", CampaignKind::promotion, CampaignMoment::visit_started));
  settings.journey.campaigns.back().expires_after = 80h;
  return settings;
}

// What went out, counted as it goes: all of it together would be memory of the test's own.
struct Arrived {
  std::int64_t rows = 0;
  bool in_order = true;  // of each shopper's
  std::map<std::string, std::int64_t> types;
  std::map<std::string, std::int64_t> newest;  // by shopper

  void take(FakeUplink& uplink) {
    for (const FakeUplink::Sent& one : uplink.sent) {
      ++rows;
      ++types[one.row.type];
      in_order = in_order && one.row.sequence > newest[one.row.shopper_id.value()];
      newest[one.row.shopper_id.value()] = one.row.sequence;
    }
    uplink.sent.clear();
  }
  [[nodiscard]] std::int64_t of(const std::string& type) const { return types.contains(type) ? types.at(type) : 0; }
};

Arrived deliver_all(Delivery& delivery, FakeUplink& uplink, const Instant& now) {
  Arrived arrived;
  delivery.pump(now, now.monotonic);
  while (!uplink.unsettled.empty()) {
    const auto [sequence, outcome] = uplink.answer_oldest();
    delivery.settled(sequence, outcome, now.monotonic);
    delivery.pump(now, now.monotonic);
    arrived.take(uplink);
  }
  return arrived;
}

// Octets: the most that this process ever had (proc(5), VmHWM).
std::int64_t most_memory() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;) {
    std::int64_t kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  throw std::runtime_error("/proc/self/status says no VmHWM");
}

}  // namespace

TEST_CASE("case 3: a broker away for three days: the outbox keeps its bounds, and what is left goes out in order") {
  // In the slow form 350 times 58 visits with a trigger each, on a disk, under the bounds that are promised.
  const int walks = rounds(75, 350);
  const int people = rounds(2, 58);
  const std::int64_t visits = std::int64_t{walks} * people;
  OutboxBounds bounds;
  if (!slow()) bounds.rows = visits * 3;  // of five that come
  const TemporaryDirectory directory;
  GatewayWorld world{shop_with_offer(walks), slow() ? directory.path() : std::filesystem::path{}, ClockSource::capture,
                     bounds};
  world.know(guests(people));
  FakeUplink uplink;
  Delivery delivery{world.journey(), world.profiles(), uplink, world.counters(),
                    [&](const OutboxRow& row, Outcome outcome, std::string_view reason, const Instant& at) {
                      world.gateway().tell_unsent(row, outcome, reason, at);
                    }};
  const Duration apart = std::chrono::duration_cast<Duration>(71h) / walks;
  for (int walk = 0; walk < walks; ++walk) {
    for (int second = 0; second < 3; ++second)
      for (int number = 1; number <= people; ++number)
        world.hear(advertisement(static_cast<std::uint16_t>(number), walk * apart + second * 1000ms));
    world.gateway().finish();
    delivery.pump(world.gateway().now(), world.gateway().now().monotonic);
    REQUIRE(world.journey().totals().waiting <= bounds.rows);
    REQUIRE(world.journey().totals().octets <= bounds.octets);
  }
  const OutboxTotals away = world.journey().totals();
  CHECK(away.recorded == visits * 5);
  CHECK(away.expired == visits / 2);  // the welcomes: late is worse than never
  CHECK(away.evicted > 0);
  CHECK(adds_up(away));
  delivery.link_up();
  const Arrived arrived = deliver_all(delivery, uplink, world.gateway().now());
  CHECK(arrived.in_order);
  CHECK(arrived.rows == away.waiting);
  CHECK(world.journey().totals().waiting == 0);
  CHECK(adds_up(world.journey().totals()));
  CHECK(arrived.of("com.beacongateway.trigger.v1") == visits / 2);  // the offers; zones went instead
  const std::int64_t starts_and_ends =
      arrived.of("com.beacongateway.visit.started.v1") + arrived.of("com.beacongateway.visit.ended.v1");
  if (!slow()) {
    CHECK(starts_and_ends == 2 * visits);
  } else {  // 32 MiB do not hold all of them
    CHECK(starts_and_ends > visits);
    const std::int64_t most = most_memory();
    WARN(visits << " triggers; " << most / 1024 << " KiB of memory at most; " << away.evicted << " evicted");
    CHECK(most <= 64LL << 20U);
  }
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
