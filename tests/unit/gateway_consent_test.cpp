// Who may be recognised, and what of a shopper may be told: consents, imports and erasure.
#include "gateway.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

Consent until(Purpose purpose, Duration expiry) {
  return {purpose, kMorning - 24h, kMorning + expiry, "v1", "app"};
}

}  // namespace

TEST_CASE("without consent to presence: no visit, zone or decision events, and the trigger without its zone") {
  Settings settings = small_shop();
  settings.journey.report_suppressed = true;
  settings.journey.campaigns.push_back(campaign("promo", CampaignKind::promotion, CampaignMoment::visit_started));
  GatewayWorld world{settings};
  world.know({shopper(1, consents({Purpose::welcome}))});
  world.hear(entering(1));
  world.silence_until(1h);
  REQUIRE(world.told() == Lines{"2000 trigger s-1 welcome"});
  CHECK(world.rows()[0].payload.find("\"zone\"") == std::string::npos);
  CHECK(world.decisions(1) == Lines{"promo suppressed no_consent", "welcome trigger"});
}

TEST_CASE("presence granted in mid-visit does not reveal what came before") {
  GatewayWorld world;
  world.know({shopper(1, consents({Purpose::welcome}))});
  world.hear(entering(1));
  Profile changed = shopper(1);
  changed.version = 2;
  world.know({changed});
  world.hear(advertisement(1, 5s, kAisle, -50));
  world.silence_until(1h);
  CHECK(world.told() == Lines{"2000 trigger s-1 welcome"});
  world.hear(entering(1, 2h));
  CHECK(world.told().size() == 4);
}

TEST_CASE("a visit whose consent to presence went and came back is not told in pieces") {
  GatewayWorld world;
  world.know({shopper(1)});
  world.hear(entering(1));
  Profile changed = shopper(1, consents({Purpose::welcome}));
  changed.version = 2;
  world.know({changed});
  for (int i = 0; i < 20; ++i) world.hear(advertisement(1, 30s + i * 1s, kAisle, -50));
  changed = shopper(1);
  changed.version = 3;
  world.know({changed});
  world.silence_until(1h);
  CHECK(world.told() == Lines{"2000 trigger s-1 welcome"});
}

TEST_CASE("no live consent: not matched, nothing kept") {
  GatewayWorld world;
  Consent tomorrow{Purpose::presence, kMorning + 24h, std::nullopt, "v1", "app"};
  world.know({shopper(1, {until(Purpose::presence, 0s)}), shopper(2, {tomorrow}), shopper(3, {})});
  for (std::uint16_t number = 1; number <= 3; ++number) world.hear(entering(number, number * 10s));
  CHECK(world.told().empty());
  CHECK(world.counters()[Count::dropped_no_live_consent] == 9);
  CHECK(world.counters()[Count::sightings] == 0);
  CHECK(world.journey().tracks(world.gateway().now()).empty());
}

TEST_CASE("between two consents a shopper is not followed") {
  GatewayWorld world;
  Consent tomorrow{Purpose::presence, kMorning + 24h, std::nullopt, "v1", "app"};
  world.know({shopper(1, {until(Purpose::presence, 3s), tomorrow})});
  world.hear(entering(1));
  CHECK(world.gateway().open_visits() == 1);
  world.hear(advertisement(1, 3s));
  CHECK(world.gateway().open_visits() == 0);
  CHECK(world.counters()[Count::visits_forgotten] == 1);
  world.silence_until(1h);
  CHECK(world.told().size() == 2);
  CHECK(world.journey().tracks(world.gateway().now()).empty());
}

TEST_CASE("a visit whose consents lapsed in a silence ends without an event, whatever she agrees to afterwards") {
  GatewayWorld world;
  world.know({shopper(1, {until(Purpose::presence, 30s), until(Purpose::welcome, 30s)})});
  world.hear(entering(1));
  world.silence_until(1min);  // she had left the zone at 47 s
  CHECK(world.gateway().open_visits() == 0);
  CHECK(world.journey().tracks(world.gateway().now()).empty());
  CHECK(world.counters()[Count::visits_forgotten] == 1);
  Profile changed = shopper(1);
  changed.version = 2;
  world.know({changed});
  world.silence_until(1h);
  CHECK(world.told() == Lines{"2000 visit.started s-1 door", "2000 zone.entered s-1 door", "2000 trigger s-1 welcome"});
}

TEST_CASE("consent withdrawn in mid-visit: the visit ends without an event and what waits goes") {
  GatewayWorld world;
  world.know({shopper(1), shopper(2)});
  world.hear(entering(1));
  world.hear(entering(2, 10s));
  Profile withdrawn = shopper(1, {});
  withdrawn.version = 2;
  const ImportReport report = world.gateway().import({withdrawn}, false);
  CHECK(report.without_consent == 1);
  CHECK(world.gateway().open_visits() == 1);
  CHECK(world.told() ==
        Lines{"12000 visit.started s-2 door", "12000 zone.entered s-2 door", "12000 trigger s-2 welcome"});
  CHECK(world.journey().totals().withdrawn == 3);
  CHECK(world.counters()[Count::visits_forgotten] == 1);
  world.hear(entering(1, 20s));
  world.silence_until(1h);
  for (const std::string& line : world.told()) CHECK(line.find("s-1") == std::string::npos);
}

TEST_CASE("one purpose withdrawn takes only what needs it") {
  GatewayWorld world;
  world.know({shopper(1)});
  world.hear(entering(1));
  Profile changed = shopper(1, consents({Purpose::presence}));
  changed.version = 2;
  world.know({changed});
  CHECK(world.told() == Lines{"2000 visit.started s-1 door", "2000 zone.entered s-1 door"});
  CHECK(world.gateway().open_visits() == 1);
}

TEST_CASE("staff yield nothing, and who becomes staff is followed no longer") {
  GatewayWorld world;
  Profile staff = shopper(1);
  staff.staff = true;
  world.know({staff, shopper(2)});
  world.hear(entering(1));
  CHECK(world.counters()[Count::dropped_staff] == 3);
  CHECK(world.told().empty());
  world.hear(entering(2, 10s));
  Profile hired = shopper(2);
  hired.staff = true;
  hired.version = 2;
  world.know({hired});
  world.silence_until(1h);
  CHECK(world.gateway().open_visits() == 0);
  CHECK(world.told().size() == 3);
}

TEST_CASE("events of a test profile say so, those of others do not") {
  GatewayWorld world;
  Profile tag = shopper(1);
  tag.test = true;
  world.know({tag, shopper(2)});
  world.hear(entering(1));
  world.hear(entering(2, 10s));
  for (const OutboxRow& row : world.rows())
    CHECK((row.payload.find(R"("test":true)") != std::string::npos) == (row.shopper_id.value() == "s-1"));
}

TEST_CASE("a stranger leaves nothing but a count") {
  GatewayWorld world;
  world.know({shopper(1)});
  world.hear(entering(77));
  Advertisement nothing = advertisement(1, 10s);
  nothing.payload = Payload{};
  world.hear(nothing);
  CHECK(world.counters()[Count::dropped_unknown] == 3);
  CHECK(world.counters()[Count::dropped_no_beacon] == 1);
  CHECK(world.journey().totals().recorded == 0);
  CHECK(world.journey().tracks(world.gateway().now()).empty());
  std::size_t profiles = 0;
  world.profiles().for_each([&](const StoredProfile&) { ++profiles; });
  CHECK(profiles == 1);
}

TEST_CASE("an advertisement without RSSI is dropped and counted") {
  GatewayWorld world;
  world.know({shopper(1)});
  auto walk = entering(1);
  walk[1].rssi_dbm.reset();
  world.hear(walk);
  CHECK(world.counters()[Count::dropped_no_rssi] == 1);
  CHECK(world.told().empty());
}

TEST_CASE("an identifier that two shoppers claim matches neither, until one lets go") {
  GatewayWorld world;
  Profile thief = shopper(2);
  thief.identifiers = shopper(1).identifiers;
  world.know({shopper(1), thief});
  world.hear(entering(1));
  CHECK(world.counters()[Count::dropped_contested] == 3);
  CHECK(world.gateway().contested() == 1);
  CHECK(world.gateway().erase(thief.shopper_id));
  world.hear(entering(1, 10s));
  CHECK(world.told().size() == 4);  // and the receipt of the erasure
}

TEST_CASE("an import takes higher versions only, and replacing erases who is not named") {
  GatewayWorld world;
  world.know({shopper(1), shopper(2)});
  world.hear(entering(2));
  Profile older = shopper(1, {});
  older.version = 0;
  Profile same = shopper(1, {});
  for (const Profile& one : {older, same}) {
    const ImportReport report = world.gateway().import({one}, false);
    CHECK(report.unchanged == 1);
    CHECK(report.taken == 0);
  }
  const ImportReport report = world.gateway().import({shopper(1), shopper(3)}, true);
  CHECK(report.taken == 1);
  CHECK(report.unchanged == 1);
  CHECK(report.removed == 1);
  CHECK(world.gateway().identifiers() == 2);
  CHECK(world.gateway().open_visits() == 0);
  CHECK(world.told().empty());
  world.hear(entering(3, 10s));
  CHECK(world.told().size() == 3);
}

TEST_CASE("an erased shopper is a stranger, with no history") {
  GatewayWorld world;
  world.know({shopper(1)});
  world.hear(entering(1));
  const ShopperId id = shopper(1).shopper_id;
  CHECK(world.gateway().erase(id));
  CHECK_FALSE(world.gateway().erase(id));
  const auto only_receipts = [&] {
    const auto rows = world.rows();
    return std::ranges::all_of(rows, [](const OutboxRow& row) { return !row.purpose; }) && rows.size() == 1;
  };
  CHECK(only_receipts());
  CHECK(world.journey().history(id).empty());
  CHECK(world.decisions(1).empty());
  CHECK(world.journey().tracks(world.gateway().now()).empty());
  world.hear(entering(1, 10s));
  CHECK(world.counters()[Count::dropped_unknown] == 3);
  world.silence_until(1h);
  CHECK(only_receipts());
  CHECK(world.journey().totals().recorded == world.journey().totals().withdrawn + 1);
}
