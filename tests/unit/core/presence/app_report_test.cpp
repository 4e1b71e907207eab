#include "core/presence/app_report.hpp"

#include "core/presence/calibration.hpp"
#include "tests/catch.hpp"
#include "tests/unit/core/presence/walk.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using Story = std::vector<std::string>;

namespace {

// Both modes: what a report does is the same.
Shop shop_of(bool calibrated) {
  Shop shop = small_shop();
  if (calibrated)
    shop.calibration = std::make_shared<Calibration>(
        Calibration{{{std::nullopt, {-90, -90, kUnheardDbm}}, {kEntranceZone, {-72, -72, -92}}}});
  return shop;
}

}  // namespace

TEST_CASE("without a visit a report starts one, from its own instant, in its zone or else the first entrance") {
  Walk walk{shop_of(GENERATE(false, true))};
  SECTION("its zone") {
    walk.report(7, kAisleZone);
    CHECK(walk.story() == Story{"7 visit.started aisle", "7 zone.entered aisle"});
  }
  SECTION("the first entrance") {
    walk.report(7, std::nullopt);
    CHECK(walk.story() == Story{"7 visit.started entrance", "7 zone.entered entrance"});
  }
  const auto started = walk.all<VisitStarted>();
  REQUIRE(started.size() == 1);
  CHECK(started[0].evidence == StartEvidence::app);
  CHECK(walk.track().visit.value().started == at(7));
  CHECK(walk.deadline() == 52.0);
}

TEST_CASE("a report goes on with the visit: it ends later, and the zone stays if none is told") {
  Walk walk{shop_of(GENERATE(false, true))};
  walk.report(0, kEntranceZone).report(30, std::nullopt);
  CHECK(walk.deadline() == 45.0);  // nobody has said that she is still in the entrance
  walk.wait_until(45);
  CHECK(walk.story().back() == "45 zone.left entrance 0");
  CHECK(walk.deadline() == 630.0);
}

TEST_CASE("a report of the present zone prolongs the stay, and of another one, it moves her") {
  Walk walk{shop_of(GENERATE(false, true))};
  walk.report(0, kEntranceZone).report(30, kEntranceZone);
  CHECK(walk.deadline() == 75.0);
  walk.report(40, kAisleZone);
  CHECK(walk.story() == Story{"0 visit.started entrance", "0 zone.entered entrance", "40 zone.left entrance 40",
                              "40 zone.entered aisle"});
}

TEST_CASE("after a zone was left, a report enters the next one") {
  Walk walk{shop_of(GENERATE(false, true))};
  walk.report(0, kEntranceZone).wait_until(100);
  walk.report(100, kAisleZone);
  CHECK(walk.story().back() == "100 zone.entered aisle");
}

TEST_CASE("what scanners heard since the report's instant counts more than the report") {
  Walk walk;
  walk.come_in(2).hear({{5, kDoor, -60}});
  walk.report(5, kAisleZone);
  walk.report(4.9, kAisleZone);
  CHECK(walk.story() == Story{"2 visit.started entrance", "2 zone.entered entrance"});
  walk.report(5.1, kAisleZone);
  CHECK(walk.story().back() == "5.1 zone.entered aisle");
  walk.hear({{6, kDoor, -60}});  // and what they hear next moves her back
  CHECK(walk.story().back() == "6 zone.entered entrance");
}
