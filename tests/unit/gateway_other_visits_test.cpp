#include <memory>
#include <optional>

#include "gateway.hpp"
#include "messages/other_visit_json.hpp"
#include "messages/topics.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

Settings gateway_named(const std::string& id, const std::string& zones) {
  Settings settings = small_shop();
  settings.name.id = id;
  for (Zone& zone : settings.shop.zones) zone.id = zones + zone.id;
  settings.journey.campaigns.push_back(campaign("late-welcome", CampaignKind::welcome, CampaignMoment::zone_entered));
  settings.journey.campaigns.push_back(campaign("bye", CampaignKind::survey, CampaignMoment::visit_ended));
  return settings;
}

// One gateway of the shop, and a broker that brings what it tells of visits to the other one when asked to.
struct Site {
  explicit Site(const std::string& id, const std::string& zones, std::filesystem::path folder = {})
      : name{"acme", "s-1", id}, world(gateway_named(id, zones), std::move(folder)) {
    world.know({shopper(1, consents({Purpose::presence, Purpose::welcome, Purpose::survey}))});
  }

  void enter(Duration from) {
    world.hear({advertisement(1, from), advertisement(1, from + 1s), advertisement(1, from + 2s)});
  }

  // What was told since it was last brought.
  void bring_to(Site& other) {
    for (const OutboxRow& row : world.journey().waiting_after(brought, 1000)) {
      brought = row.sequence;
      if (auto visit = read_other_visit(Topics{name}.event(row.type), row.payload, other.name))
        other.world.gateway().take(*visit);
    }
  }

  [[nodiscard]] std::size_t count(const std::string& what) {
    std::size_t result = 0;
    for (const std::string& line : world.told())
      if (line.find(what) != std::string::npos) ++result;
    return result;
  }
  [[nodiscard]] std::set<std::string> visit_ids() {
    std::set<std::string> result;
    for (const std::string& payload : world.payloads()) result.insert(field(payload, "visit_id"));
    return result;
  }

  GatewayName name;
  GatewayWorld world;
  std::int64_t brought = 0;
};

struct TwoGateways {
  Site front{"gw-1", ""};
  Site back{"gw-2", "back-"};
  void silence_until(Duration at) {
    front.world.silence_until(at);
    back.world.silence_until(at);
  }
};

std::set<std::string> event_ids(Site& one, Site& other) {
  std::set<std::string> ids;
  for (Site* site : {&one, &other})
    for (const std::string& payload : site->world.payloads()) ids.insert(field(payload, "id"));
  return ids;
}

}  // namespace

TEST_CASE("who walks from one gateway to the other has one visit, one start, one welcome and one end") {
  TwoGateways shop;
  shop.front.enter(0s);
  shop.front.bring_to(shop.back);
  CHECK(shop.back.world.gateway().open_visits() == 1);
  CHECK(shop.back.world.told().empty());
  CHECK(shop.back.world.counters()[Count::others_adopted] == 1);

  shop.back.enter(60s);
  CHECK(shop.back.world.told() == Lines{"60000 zone.entered s-1 back-door"});
  CHECK(shop.back.world.decisions(1) == Lines{"late-welcome suppressed other_gateway"});
  CHECK(shop.back.visit_ids() == shop.front.visit_ids());
  CHECK(shop.front.count("trigger s-1 welcome") == 1);

  // She goes out by the front, which hears her last.
  shop.front.world.silence_until(5min);
  shop.front.enter(5min);
  shop.silence_until(20min);
  CHECK(shop.front.count("visit.ended") == 1);
  CHECK(shop.back.count("visit.ended") == 0);
  shop.front.bring_to(shop.back);
  CHECK(shop.back.world.gateway().open_visits() == 0);
  CHECK(shop.back.world.counters()[Count::others_ended] == 1);
  CHECK(shop.back.count("trigger") == 0);
}

TEST_CASE("an adopted visit goes on for as long as its keeper does not end it, heard here or not") {
  TwoGateways shop;
  shop.front.enter(0s);
  shop.front.bring_to(shop.back);
  shop.back.world.silence_until(2h);
  CHECK(shop.back.world.gateway().open_visits() == 1);
  shop.back.enter(2h);
  CHECK(shop.back.count("visit.started") == 0);
  CHECK(shop.back.count("trigger") == 0);
  shop.back.world.silence_until(3h);
  CHECK(shop.back.count("visit.ended") == 0);
  CHECK(shop.back.world.gateway().open_visits() == 1);
}

TEST_CASE("a keeper that died does not keep a visit open for ever, and nobody tells its end") {
  TwoGateways shop;
  shop.front.enter(0s);
  shop.front.bring_to(shop.back);
  shop.back.world.silence_until(4h - 1us);
  CHECK(shop.back.world.gateway().open_visits() == 1);
  shop.back.world.silence_until(4h);
  CHECK(shop.back.world.gateway().open_visits() == 0);
  CHECK(shop.back.world.told().empty());
  shop.back.enter(5h);
  CHECK(shop.back.count("visit.started") == 1);
  CHECK(shop.back.count("trigger s-1 welcome") == 1);
}

TEST_CASE("whom the keeper loses and we hear is ours from then on: told as the same visit, without another welcome") {
  TwoGateways shop;
  shop.front.enter(0s);
  shop.front.bring_to(shop.back);
  for (int minute = 1; minute < 12; ++minute) shop.back.enter(minute * 1min);
  shop.silence_until(11min + 10s);
  shop.front.bring_to(shop.back);
  CHECK(shop.front.count("visit.ended") == 1);
  CHECK(shop.back.world.counters()[Count::others_taken_over] == 1);
  CHECK(shop.back.count("visit.started") == 1);
  CHECK(shop.back.count("trigger") == 0);
  const std::string start = [&] {
    for (const std::string& payload : shop.back.world.payloads())
      if (payload.find("visit.started") != std::string::npos) return payload;
    return std::string{};
  }();
  CHECK(start.find(R"("evidence":{"reported_by":"gateway"},"continues":1)") != std::string::npos);
  CHECK(shop.back.visit_ids() == shop.front.visit_ids());

  // Back at the front she is no new visitor, and it is the back that ends the visit.
  shop.back.bring_to(shop.front);
  CHECK(shop.front.world.counters()[Count::others_adopted] == 1);
  shop.front.enter(12min);
  CHECK(shop.front.count("visit.started") == 1);
  CHECK(shop.front.count("trigger s-1 welcome") == 1);
  shop.silence_until(13min);
  shop.back.world.silence_until(22min);
  CHECK(shop.back.count("visit.ended") == 1);
  CHECK(event_ids(shop.front, shop.back).size() ==
        shop.front.world.rows().size() + shop.back.world.rows().size());  // no id twice
}

TEST_CASE("two gateways that start at once agree: the older visit stays, the other ends, whatever comes first") {
  TwoGateways shop;
  shop.front.enter(0s);
  shop.back.enter(500ms);
  const bool front_first = GENERATE(true, false);
  if (front_first) shop.front.bring_to(shop.back);
  shop.back.bring_to(shop.front);
  shop.front.bring_to(shop.back);
  CHECK(shop.front.world.counters()[Count::others_younger] == 1);
  CHECK(shop.back.world.counters()[Count::others_yielded_to] == 1);
  CHECK(shop.back.count("visit.ended") == 1);
  CHECK(shop.back.count("trigger s-1 bye") == 0);      // she has not left
  CHECK(shop.back.count("trigger s-1 welcome") == 0);  // it had not left yet
  CHECK(shop.front.count("visit.ended") == 0);
  CHECK(shop.front.count("trigger s-1 welcome") == 1);

  shop.back.bring_to(shop.front);
  shop.back.enter(10s);
  CHECK(shop.back.visit_ids().contains(*shop.front.visit_ids().begin()));
  CHECK(shop.back.count("visit.started") == 1);
  shop.silence_until(30min);
  CHECK(shop.front.count("visit.ended") == 1);
  CHECK(shop.back.count("visit.ended") == 1);
}

TEST_CASE("gateways that cannot hear each other both welcome, with one dedupe_key") {
  TwoGateways shop;
  shop.front.enter(0s);
  shop.back.enter(500ms);
  std::set<std::string> keys;
  for (Site* site : {&shop.front, &shop.back}) {
    CHECK(site->count("trigger s-1 welcome") == 1);
    for (const std::string& payload : site->world.payloads()) keys.insert(field(payload, "dedupe_key"));
  }
  keys.erase("");
  CHECK(keys.size() == 1);
}

TEST_CASE("what came late, of nobody we hold, without consent, or again, adopts nothing") {
  Site front{"gw-1", ""};
  Site back{"gw-2", "back-"};
  front.enter(0s);
  SECTION("late") {
    back.world.silence_until(10min + 3s);
    front.bring_to(back);
    CHECK(back.world.counters()[Count::others_stale] == 1);
  }
  SECTION("unknown") {
    back.world.gateway().withdraw(shopper(1).shopper_id);
    front.bring_to(back);
    CHECK(back.world.counters()[Count::others_unknown_shopper] == 1);
  }
  SECTION("without consent to presence") {
    Profile newer = shopper(1, consents({Purpose::welcome}));
    newer.version = 2;
    back.world.know({newer});
    front.bring_to(back);
    CHECK(back.world.counters()[Count::others_no_consent] == 1);
  }
  CHECK(back.world.gateway().open_visits() == 0);
}

TEST_CASE("the same word again changes nothing") {
  TwoGateways shop;
  shop.front.enter(0s);
  shop.front.bring_to(shop.back);
  shop.front.brought = 0;
  shop.front.bring_to(shop.back);
  CHECK(shop.back.world.counters()[Count::others_adopted] == 1);
  CHECK(shop.back.world.counters()[Count::others_repeated] == 1);
}

TEST_CASE("a withdrawal ends an adopted visit as any other") {
  TwoGateways shop;
  shop.front.enter(0s);
  shop.front.bring_to(shop.back);
  shop.back.world.gateway().withdraw(shopper(1).shopper_id);
  CHECK(shop.back.world.gateway().open_visits() == 0);
  CHECK(shop.back.count("visit.") == 0);
}

TEST_CASE("an adopted visit survives a restart, and its keeper still ends it") {
  const TemporaryDirectory folder;
  Site front{"gw-1", ""};
  Site back{"gw-2", "back-", folder.path()};
  front.enter(0s);
  front.bring_to(back);
  back.world.restart();
  CHECK(back.world.gateway().open_visits() == 1);
  back.enter(20s);
  CHECK(back.count("visit.started") == 0);
  CHECK(back.count("zone.entered") == 1);
  front.world.silence_until(15min);
  back.world.silence_until(15min);
  front.bring_to(back);
  CHECK(back.world.gateway().open_visits() == 0);
  CHECK(back.count("visit.ended") == 0);
}
