#include "core/presence_report.hpp"

#include "gateway.hpp"
#include "tests/catch.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

Settings app_may_start() {
  Settings settings = small_shop();
  settings.app_may_start = true;
  return settings;
}

// Reports of shoppers' apps, each signed anew; `at`: since kMorning.
class Reports {
 public:
  explicit Reports(GatewayWorld& world) : world_(world) {}

  void send(std::uint16_t number, Duration at, std::optional<std::string> zone = std::nullopt, std::string nonce = "") {
    if (nonce.empty()) nonce = "nonce " + std::to_string(sequence_);
    world_.gateway().take({DownlinkTopic::presence, SignedClaims{"key", ++sequence_, kMorning},
                           PresenceReport{shopper(number).shopper_id, std::move(zone), kMorning + at, std::move(nonce)},
                           100});
  }

 private:
  GatewayWorld& world_;
  std::int64_t sequence_ = 0;
};

}  // namespace

TEST_CASE("a report continues a visit, and moves it to the zone that it tells") {
  GatewayWorld world;
  world.know({shopper(1)});
  world.hear(entering(1));
  world.silence_until(20s);
  Reports{world}.send(1, 19s, "aisle");
  CHECK(world.told() == Lines{"2000 visit.started s-1 door", "2000 zone.entered s-1 door", "2000 trigger s-1 welcome",
                              "20000 zone.left s-1 door", "20000 zone.entered s-1 aisle"});
  world.silence_until(10min + 18s);
  CHECK(world.gateway().open_visits() == 1);  // from 19 s, not from 2 s
  world.silence_until(10min + 19s);
  CHECK(world.gateway().open_visits() == 0);
  CHECK(world.counters()[Count::reports_taken] == 1);
}

TEST_CASE("a zone of another gateway of the shop moves nobody here, but she is still in the shop") {
  GatewayWorld world;
  world.know({shopper(1)});
  world.hear(entering(1));
  world.silence_until(20s);
  Reports{world}.send(1, 20s, "upstairs");
  CHECK(world.told().size() == 3);
  world.silence_until(10min + 19s);
  CHECK(world.gateway().open_visits() == 1);
}

TEST_CASE("the app starts a visit only where the configuration lets it") {
  GatewayWorld world;
  world.know({shopper(1)});
  Reports{world}.send(1, 0s, "door");
  CHECK(world.told().empty());
  CHECK(world.counters()[Count::reports_no_visit] == 1);
}

TEST_CASE("a visit that the app started says so, and has the id of the report's instant") {
  GatewayWorld world{app_may_start()};
  world.know({shopper(1)});
  world.silence_until(10s);
  Reports{world}.send(1, 7s);
  CHECK(world.told() ==
        Lines{"10000 visit.started s-1 door", "10000 zone.entered s-1 door", "10000 trigger s-1 welcome"});
  const std::string payload = world.payloads().at(0);
  CHECK(payload.find(R"("evidence":{"reported_by":"app"})") != std::string::npos);
  CHECK(payload.find("rssi_dbm") == std::string::npos);
  CHECK(field(payload, "visit_id") == make_visit_id({"acme", "s-1", "gw-1"}, shopper(1).shopper_id, kMorning + 7s));
  world.hear(entering(1, 11s));
  CHECK(world.gateway().open_visits() == 1);
  CHECK(world.counters()[Count::visits_started] == 1);
}

TEST_CASE("the app starts no visit in a zone that is another gateway's") {
  GatewayWorld world{app_may_start()};
  world.know({shopper(1)});
  Reports{world}.send(1, 0s, "upstairs");
  CHECK(world.told().empty());
  CHECK(world.counters()[Count::reports_no_visit] == 1);
}

TEST_CASE("a visit of the app survives a restart and ends as any other") {
  GatewayWorld world{app_may_start()};
  world.know({shopper(1)});
  Reports{world}.send(1, 0s);
  world.silence_until(10min);
  CHECK(world.told().back() == "600000 visit.ended s-1");
}

TEST_CASE("a report counts for thirty seconds, and not before its time") {
  GatewayWorld world{app_may_start()};
  world.know({shopper(1), shopper(2), shopper(3), shopper(4)});
  world.silence_until(1min);
  Reports reports{world};
  reports.send(1, 30s - 1us);
  CHECK(world.counters()[Count::reports_too_old] == 1);
  reports.send(2, 1min + 5s + 1us);
  CHECK(world.counters()[Count::reports_from_the_future] == 1);
  CHECK(world.gateway().open_visits() == 0);
  reports.send(3, 30s);
  reports.send(4, 1min + 5s);
  CHECK(world.gateway().open_visits() == 2);
}

TEST_CASE("a nonce counts once for each shopper, and is forgotten when no report can bear it any more") {
  GatewayWorld world{app_may_start()};
  world.know({shopper(1), shopper(2)});
  Reports reports{world};
  reports.send(1, 0s, std::nullopt, "once");
  reports.send(1, 1s, "aisle", "once");
  CHECK(world.counters()[Count::reports_nonce_used] == 1);
  CHECK(world.told().size() == 3);
  reports.send(2, 1s, std::nullopt, "once");
  CHECK(world.gateway().open_visits() == 2);
  world.silence_until(36s);
  reports.send(1, 36s, std::nullopt, "once");
  CHECK(world.counters()[Count::reports_nonce_used] == 1);
  CHECK(world.counters()[Count::reports_taken] == 3);
}

TEST_CASE("nobody is followed without consent to presence, whom we do not hold, or who works here") {
  GatewayWorld world{app_may_start()};
  Profile staff = shopper(2);
  staff.staff = true;
  world.know({shopper(1, consents({Purpose::welcome})), staff});
  Reports reports{world};
  reports.send(1, 0s);
  reports.send(2, 0s);
  reports.send(3, 0s);
  CHECK(world.counters()[Count::reports_no_consent] == 1);
  CHECK(world.counters()[Count::reports_unknown_shopper] == 2);
  CHECK(world.gateway().open_visits() == 0);
  CHECK(world.told().empty());
}

TEST_CASE("a clock that is not trusted cannot tell how old a report is") {
  GatewayWorld world{app_may_start(), {}, ClockSource::machine};
  world.know({shopper(1)});
  Instant now = capture_instant(kMorning + 1s);
  now.quality = TimeQuality::untrusted;
  world.gateway().pass_time(now);
  Reports{world}.send(1, 1s);
  CHECK(world.counters()[Count::reports_clock_untrusted] == 1);
  CHECK(world.gateway().open_visits() == 0);
}

TEST_CASE("when the consent lease is over, reports do not count either") {
  GatewayWorld world{app_may_start(), {}, ClockSource::machine};
  world.know({shopper(1)});
  world.gateway().pass_time(capture_instant(kMorning + 25h));
  world.gateway().take({DownlinkTopic::presence, SignedClaims{"key", 1, kMorning},
                        PresenceReport{shopper(1).shopper_id, std::nullopt, kMorning + 25h, "n"}, 100});
  CHECK(world.counters()[Count::reports_lease_over] == 1);
}

TEST_CASE("a flood of reports is bounded") {
  GatewayWorld world{app_may_start()};
  world.know({shopper(1)});
  Reports reports{world};
  for (int i = 0; i < 600; ++i) reports.send(1, 0s);
  CHECK(world.counters()[Count::reports_taken] == 500);
  CHECK(world.counters()[Count::reports_rate_limited] == 100);
}
