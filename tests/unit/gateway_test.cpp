#include "gateway.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

// Three loud advertisements at the door: the visit starts with the third, two seconds after `from`.
std::vector<Advertisement> entering(std::uint16_t number, Duration from = 0s) {
  return {advertisement(number, from), advertisement(number, from + 1s), advertisement(number, from + 2s)};
}

Consent until(Purpose purpose, Duration expiry) {
  return {purpose, kMorning - 24h, kMorning + expiry, "v1", "app"};
}

Settings shop_with(std::vector<Campaign> campaigns) {
  Settings settings = small_shop();
  settings.journey.campaigns = std::move(campaigns);
  return settings;
}

// Two shoppers from the street to the end of their visits: door, aisle, a zone left, a return, the end.
std::vector<Advertisement> small_walk() {
  std::vector<Advertisement> walk;
  for (int second = 0; second < 6; ++second) {
    walk.push_back(advertisement(1, second * 1000ms));
    walk.push_back(advertisement(2, second * 1000ms, kDoor, second < 3 ? -75 : -58));
  }
  for (int second = 8; second < 80; second += 6) walk.push_back(advertisement(1, second * 1000ms, kAisle, -50));
  walk.push_back(advertisement(2, 100s));
  walk.push_back(advertisement(2, 100s));  // one instant, twice
  walk.push_back(advertisement(1, 200s, kAisle, -55));
  walk.push_back(advertisement(9, 210s));  // a stranger
  for (int second = 900; second < 904; ++second) walk.push_back(advertisement(1, second * 1000ms));
  return walk;
}

Settings walk_settings() {
  Campaign survey = campaign("survey", CampaignKind::survey, CampaignMoment::visit_ended);
  Campaign promotion = campaign("promotion", CampaignKind::promotion, CampaignMoment::zone_dwelled);
  promotion.zones = {1};
  promotion.dwell = 60s;
  return shop_with({campaign("welcome", CampaignKind::welcome, CampaignMoment::visit_started), promotion, survey});
}

std::vector<Profile> walkers() {
  const auto all =
      consents({Purpose::presence, Purpose::welcome, Purpose::promotion, Purpose::survey, Purpose::assist});
  return {shopper(1, all), shopper(2, all)};
}

}  // namespace

TEST_CASE("a visit starts: visit, its zone, then triggers by priority, all at one instant") {
  Campaign first = campaign("z-first", CampaignKind::assist, CampaignMoment::zone_entered);
  first.priority = 20;
  Campaign second = campaign("a-second", CampaignKind::welcome, CampaignMoment::visit_started);
  GatewayWorld world{shop_with({first, second})};
  world.know({shopper(1, consents({Purpose::presence, Purpose::welcome, Purpose::assist}))});
  world.hear(entering(1));
  CHECK(world.told() == Lines{"2000 visit.started s-1 door", "2000 zone.entered s-1 door", "2000 trigger s-1 z-first",
                              "2000 trigger s-1 a-second"});
  CHECK(world.gateway().open_visits() == 1);
}

TEST_CASE("a change of zone is told as left, then entered, at one instant") {
  GatewayWorld world;
  world.know({shopper(1)});
  world.hear(entering(1));
  world.hear(advertisement(1, 5s, kAisle, -50));
  const auto told = world.told();
  REQUIRE(told.size() == 5);
  CHECK(told[3] == "5000 zone.left s-1 door");
  CHECK(told[4] == "5000 zone.entered s-1 aisle");
}

TEST_CASE("where zone and visit end together, the zone is left first, and then a campaign may speak") {
  Settings settings = shop_with({campaign("survey", CampaignKind::survey, CampaignMoment::visit_ended)});
  settings.shop.visit.ends_after = settings.shop.visit.zone_left_after;
  GatewayWorld world{settings};
  world.know({shopper(1, consents({Purpose::presence, Purpose::survey}))});
  world.hear(entering(1));
  world.silence_until(1h);
  CHECK(world.told() == Lines{"2000 visit.started s-1 door", "2000 zone.entered s-1 door", "47000 zone.left s-1 door",
                              "47000 visit.ended s-1", "47000 trigger s-1 survey"});
}

TEST_CASE("what silence ends comes before what an advertisement of the same instant starts") {
  GatewayWorld world;
  world.know({shopper(1), shopper(2)});
  world.hear(entering(1));
  world.hear(entering(2, 600s));  // starts at 602 s, when the visit of the first ends
  const auto told = world.told();
  REQUIRE(told.size() == 8);
  CHECK(told[3] == "47000 zone.left s-1 door");
  CHECK(told[4] == "602000 visit.ended s-1");
  CHECK(told[5] == "602000 visit.started s-2 door");
}

TEST_CASE("a zone entered again is left after its own silence, not when the visit would have ended") {
  GatewayWorld world;
  world.know({shopper(1), shopper(2)});
  world.hear(entering(1));             // left at 47 s; from then on only the end of the visit waits
  world.hear(advertisement(1, 60s));   // entered again; left at 105 s
  world.hear(advertisement(2, 120s));  // somebody else keeps the clock going
  const auto told = world.told();
  REQUIRE(told.size() == 6);
  CHECK(told[4] == "60000 zone.entered s-1 door");
  CHECK(told[5] == "105000 zone.left s-1 door");
}

TEST_CASE("a zone may be left sooner than a stranger's mean starts anew") {
  Settings settings = small_shop();
  settings.shop.visit.zone_left_after = 5s;
  GatewayWorld world{settings};
  world.know({shopper(1)});
  world.hear(entering(1));
  world.silence_until(8s);
  CHECK(world.told().back() == "7000 zone.left s-1 door");
}

TEST_CASE("the same walk gives the same bytes, and another gateway of the shop the same visit") {
  const auto run = [](Settings settings) {
    GatewayWorld world{std::move(settings)};
    world.know(walkers());
    world.hear(small_walk());
    world.gateway().finish();
    CHECK(world.gateway().open_visits() == 0);
    return world.rows();
  };
  const auto once = run(walk_settings());
  const auto twice = run(walk_settings());
  REQUIRE(once.size() == twice.size());
  REQUIRE(once.size() > 10);
  for (std::size_t i = 0; i < once.size(); ++i) CHECK(once[i].payload == twice[i].payload);
  Settings other = walk_settings();
  other.name.id = "gw-2";
  CHECK(run(other).front().visit_id == once.front().visit_id);
}

TEST_CASE("event time never decreases, though the wall clock steps back") {
  GatewayWorld world{walk_settings(), {}, ClockSource::machine};
  world.know(walkers());
  for (Advertisement one : small_walk()) {
    if (one.instant.wall > kMorning + 50s) one.instant.wall -= 20s;
    world.hear(one);
  }
  world.gateway().pass_time({world.gateway().now().monotonic + 1h, kMorning, TimeQuality::trusted});
  const auto rows = world.rows();
  REQUIRE(rows.size() > 10);
  for (std::size_t i = 1; i < rows.size(); ++i)
    CHECK(field(rows[i - 1].payload, "time") <= field(rows[i].payload, "time"));
}

TEST_CASE("a restart at any advertisement changes nothing of what is told") {
  GatewayWorld unbroken{walk_settings()};
  unbroken.know(walkers());
  unbroken.hear(small_walk());
  unbroken.gateway().finish();
  const auto expected = unbroken.payloads();
  REQUIRE(expected.size() > 10);

  const auto walk = small_walk();
  for (std::size_t heard = 0; heard <= walk.size(); ++heard) {
    const TemporaryDirectory directory;
    GatewayWorld world{walk_settings(), directory.path()};
    world.know(walkers());
    for (std::size_t i = 0; i < heard; ++i) world.hear(walk[i]);
    world.restart();
    world.hear(walk);  // the capture from its beginning
    world.gateway().finish();
    INFO("restarted after " << heard << " advertisements");
    CHECK(world.payloads() == expected);
  }
}

TEST_CASE("a restart after the end of the capture, or a command on the store, does not lose the place in it") {
  const TemporaryDirectory directory;
  GatewayWorld world{walk_settings(), directory.path()};
  world.know(walkers());
  world.hear(small_walk());
  const auto position = world.journey().position();
  REQUIRE(position);
  world.restart();
  SECTION("an import") {
    auto changed = walkers();
    changed[0].version = 2;
    changed[0].consents.clear();
    CHECK(world.gateway().import(changed, false).taken == 1);
  }
  SECTION("an erasure") {
    CHECK(world.gateway().erase(walkers()[0].shopper_id));
  }
  SECTION("a reload") {
    world.gateway().reconfigure(walk_settings());
  }
  SECTION("the end, at once") {
    world.gateway().finish();
  }
  CHECK(world.journey().position() == position);
}

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

TEST_CASE("a holdout is always told, other suppressions only if wanted") {
  Campaign held = campaign("held", CampaignKind::welcome, CampaignMoment::visit_started);
  held.holdout_percent = 100;
  Campaign gold = campaign("gold", CampaignKind::assist, CampaignMoment::visit_started);
  gold.segments_any = {"gold"};
  Settings settings = shop_with({gold, held});
  settings.journey.report_suppressed = GENERATE(false, true);
  GatewayWorld world{settings};
  world.know({shopper(1, consents({Purpose::presence, Purpose::welcome, Purpose::assist}))});
  world.hear(entering(1));
  Lines expected{"2000 visit.started s-1 door", "2000 zone.entered s-1 door"};
  if (settings.journey.report_suppressed) expected.emplace_back("2000 decision s-1 gold");
  expected.emplace_back("2000 decision s-1 held");
  CHECK(world.told() == expected);
  CHECK(world.decisions(1) == Lines{"held suppressed holdout", "gold suppressed segment"});
}

TEST_CASE("a paused gateway hears and tells visits, and decides nothing") {
  GatewayWorld world;
  world.know({shopper(1)});
  world.gateway().pause(true);
  world.hear(entering(1));
  CHECK(world.told() == Lines{"2000 visit.started s-1 door", "2000 zone.entered s-1 door"});
  CHECK(world.decisions(1) == Lines{"welcome suppressed paused"});
  world.silence_until(1h);
  world.gateway().pause(false);
  world.hear(entering(1, 2h));
  CHECK(world.told().back() == "7202000 trigger s-1 welcome");
}

TEST_CASE("a reload keeps open visits, by the names of zones and scanners") {
  GatewayWorld world;
  world.know({shopper(1)});
  world.hear(entering(1));
  Settings turned = small_shop();
  std::swap(turned.shop.zones[0], turned.shop.zones[1]);
  turned.shop.scanners = {{"hci1", 0, 0}, {"hci0", 1, 0}};
  world.gateway().reconfigure(turned);
  CHECK(world.gateway().open_visits() == 1);
  world.hear(advertisement(1, 5s, 0, -50));
  const auto told = world.told();
  REQUIRE(told.size() == 5);
  CHECK(told[3] == "5000 zone.left s-1 door");
  CHECK(told[4] == "5000 zone.entered s-1 aisle");
}

TEST_CASE("an import takes higher versions only; replacing erases who is not named") {
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

TEST_CASE("one welcome a visit, across the end of a zone and a restart") {
  const TemporaryDirectory directory;
  GatewayWorld world{small_shop(), directory.path()};
  world.know({shopper(1)});
  world.hear(entering(1));
  world.silence_until(100s);
  world.restart();
  world.hear(entering(1, 110s));
  const auto told = world.told();
  CHECK(std::ranges::count(told, "2000 trigger s-1 welcome") == 1);
  CHECK(std::ranges::count_if(told, [](const auto& line) { return line.find("trigger") != std::string::npos; }) == 1);
}

TEST_CASE("silence ends each shopper's stay at its own instant, in the order of these") {
  GatewayWorld world;
  world.know({shopper(1), shopper(2)});
  world.hear(entering(1));
  world.hear(entering(2, 3s));
  world.hear(advertisement(1, 20s));  // pushes back only the first one's end, to after the second one's
  world.silence_until(1min + 30s);
  const auto told = world.told();
  REQUIRE(told.size() >= 2);
  CHECK(std::vector(told.end() - 2, told.end()) ==
        std::vector<std::string>{"50000 zone.left s-2 door", "65000 zone.left s-1 door"});
}

TEST_CASE("of a shopper who has gone no track stays in the store, also if the process dies just then") {
  const TemporaryDirectory folder;
  GatewayWorld world{small_shop(), folder.path()};
  world.know({shopper(1)});
  world.hear(entering(1));
  const auto tracks = [&] { return world.journey().tracks(world.gateway().now()).size(); };
  SECTION("her visit has ended") {
    world.silence_until(1h);
    CHECK(world.told().size() == 5);
    CHECK(tracks() == 0);
    world.restart();
    CHECK(tracks() == 0);
  }
  SECTION("all that was held of her is of scanners that are gone") {
    world.journey().transact([&] { world.journey().save({shopper(1).shopper_id, {}, {}}); });
    world.restart();
    CHECK(world.gateway().open_visits() == 0);
    world.gateway().save();
    CHECK(tracks() == 0);
  }
}
