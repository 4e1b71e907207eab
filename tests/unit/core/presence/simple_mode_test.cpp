#include "core/presence/presence.hpp"

#include "tests/catch.hpp"
#include "tests/unit/core/presence/walk.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using namespace std::chrono_literals;
using Catch::Matchers::WithinAbs;
using Story = std::vector<std::string>;

namespace {

constexpr double kTinyDb = 1e-9;
constexpr double kJustAfter = 0.000001;  // seconds: the clock's resolution

const Story kCameIn{"2 visit.started entrance", "2 zone.entered entrance"};

Story came_in_and(const Story& more) {
  Story story = kCameIn;
  story.insert(story.end(), more.begin(), more.end());
  return story;
}

}  // namespace

// The mean

TEST_CASE("the first advertisement is the mean, later ones pull it with a time constant of two seconds") {
  Walk walk;
  walk.hear({{0, kDoor, -60}});
  CHECK(walk.mean_dbm(kDoor) == -60.0);
  walk.hear({{2, kDoor, -80}});
  const double after_one_constant = -60 + ((1 - std::exp(-1.0)) * -20);
  CHECK_THAT(walk.mean_dbm(kDoor), WithinAbs(after_one_constant, kTinyDb));
  walk.hear({{3, kDoor, -70}});
  CHECK_THAT(walk.mean_dbm(kDoor),
             WithinAbs(after_one_constant + ((1 - std::exp(-0.5)) * (-70 - after_one_constant)), kTinyDb));
}

TEST_CASE("a second advertisement at the same instant leaves the mean") {
  Walk walk;
  walk.hear({{0, kDoor, -60}, {0, kDoor, -90}});
  CHECK(walk.mean_dbm(kDoor) == -60.0);
}

TEST_CASE("after 30 s of silence the mean starts anew, a moment before it does not") {
  Walk just_before;
  just_before.come_in().hear({{32 - kJustAfter, kDoor, -90}});
  CHECK(just_before.mean_dbm(kDoor) > -90.0);
  Walk after;
  after.come_in().hear({{32, kDoor, -90}});
  CHECK(after.mean_dbm(kDoor) == -90.0);
}

TEST_CASE("a scanner's offset is added to what it hears") {
  Shop shop = small_shop();
  shop.scanners[kDoor].offset_db = 8;
  Walk walk{shop};
  walk.hear({{0, kDoor, -80}, {1, kDoor, -80}, {2, kDoor, -80}});
  CHECK(walk.mean_dbm(kDoor) == -72.0);
  CHECK(walk.story() == kCameIn);
}

// The start of a visit

TEST_CASE("a visit starts at the third advertisement at enter_dbm, and its zone is entered at the same instant") {
  Walk walk;
  walk.hear({{0, kDoor, -72}, {1, kDoor, -72}});
  CHECK(walk.story().empty());
  walk.hear({{2, kDoor, -72}});
  CHECK(walk.story() == kCameIn);
  const auto started = walk.all<VisitStarted>();
  REQUIRE(started.size() == 1);
  CHECK(started[0].sightings == 3);
  CHECK(started[0].scanners == 1);
  CHECK(started[0].level_dbm == -72.0);
}

TEST_CASE("one dB below enter_dbm no visit starts, however long it lasts") {
  Walk walk;
  for (int second = 0; second < 600; ++second) walk.hear({{double(second), kDoor, -73}});
  CHECK(walk.story().empty());
}

TEST_CASE("a zone that is no entrance starts no visit, however loud") {
  Walk walk;
  walk.hear({{0, kAisle, -40}, {1, kAisle, -40}, {2, kAisle, -40}, {3, kAisle, -40}});
  CHECK(walk.story().empty());
}

TEST_CASE("the three advertisements need not come in a row") {
  Walk walk;
  // The faint one pulls the mean down to -91 dBm, the next one back above the threshold.
  walk.hear({{0, kDoor, -65}, {4, kDoor, -95}, {8, kDoor, -60}, {10, kDoor, -60}});
  CHECK(walk.story() == Story{"10 visit.started entrance", "10 zone.entered entrance"});
  CHECK(walk.all<VisitStarted>().at(0).sightings == 3);
}

TEST_CASE("an advertisement more than ten seconds old no longer counts towards a start") {
  Walk walk;
  walk.hear({{0, kDoor, -60}, {8, kDoor, -60}, {10 + kJustAfter, kDoor, -60}});
  CHECK(walk.story().empty());
  walk.hear({{11, kDoor, -60}});
  CHECK(walk.story() == Story{"11 visit.started entrance", "11 zone.entered entrance"});
}

TEST_CASE("a faint advertisement that leaves the mean above enter_dbm counts: it kept it there") {
  Walk walk;
  walk.hear({{0, kDoor, -60}, {0.1, kDoor, -90}, {0.2, kDoor, -90}});
  CHECK(walk.visiting());
}

TEST_CASE("one advertisement that two scanners hear within 100 ms counts once") {
  Walk walk;
  walk.hear({{0, kDoor, -60}, {0.05, kWindow, -60}, {1, kWindow, -60}, {1.1, kDoor, -60}});
  CHECK(walk.story().empty());
  walk.hear({{2, kDoor, -60}});
  CHECK(walk.story() == kCameIn);
  CHECK(walk.all<VisitStarted>().at(0).sightings == 3);
  CHECK(walk.all<VisitStarted>().at(0).scanners == 2);
}

TEST_CASE("two scanners more than 100 ms apart have heard two advertisements") {
  Walk walk;
  walk.hear({{0, kDoor, -60}, {0.101, kWindow, -60}, {1, kDoor, -60}});
  CHECK(walk.visiting());
}

TEST_CASE("two advertisements at one scanner count twice, however close") {
  Walk walk;
  walk.hear({{0, kDoor, -60}, {0.02, kDoor, -60}, {0.04, kDoor, -60}});
  CHECK(walk.visiting());
}

TEST_CASE("a visit starts in the loudest of several entrances") {
  Shop shop = small_shop();
  shop.zones[kAisleZone].entrance = true;
  Walk walk{shop};
  walk.hear({{0, kAisle, -50}, {1, kDoor, -60}, {2, kDoor, -60}});
  CHECK(walk.story() == Story{"2 visit.started aisle", "2 zone.entered aisle"});
  CHECK(walk.all<VisitStarted>().at(0).level_dbm == -50.0);
}

TEST_CASE("a visit starts in an entrance, even where another zone is louder, and then follows the loudest") {
  Walk walk;
  walk.hear({{0, kAisle, -40}, {1, kDoor, -60}, {2, kDoor, -60}, {3, kDoor, -60}});
  CHECK(walk.story() == Story{"3 visit.started entrance", "3 zone.entered entrance"});
  walk.hear({{4, kDoor, -60}});
  CHECK(walk.story().back() == "4 zone.entered aisle");
}

// Zones

TEST_CASE("the zone changes for one that is louder by 4 dB, and for no less") {
  Walk walk;
  walk.come_in().hear({{3, kAisle, -57}});
  CHECK(walk.story() == kCameIn);
  Walk louder;
  louder.come_in().hear({{3, kAisle, -56}});
  CHECK(louder.story() == came_in_and({"3 zone.left entrance 1", "3 zone.entered aisle"}));
}

TEST_CASE("a zone below its enter_dbm is not entered, however faint the present one has become") {
  Walk walk;
  walk.come_in().hear({{18, kAisle, -76}});
  CHECK(walk.story() == kCameIn);
  walk.hear({{48, kAisle, -75}});
  CHECK(walk.story() == came_in_and({"47 zone.left entrance 0", "48 zone.entered aisle"}));
}

TEST_CASE("a zone is as loud as its loudest scanner") {
  Walk walk;
  walk.come_in().hear({{3, kWindow, -95}, {4, kAisle, -58}});
  CHECK(walk.story() == kCameIn);
}

TEST_CASE("a zone keeps its level for 15 s after it was heard, and then has none") {
  Walk within;
  within.come_in().hear({{17, kAisle, -62}});
  CHECK(within.story() == kCameIn);
  Walk past;
  past.come_in().hear({{17.5, kAisle, -62}});
  CHECK(past.story() == came_in_and({"17.5 zone.left entrance 15.5", "17.5 zone.entered aisle"}));
}

TEST_CASE("a zone is left 45 s after the last convincing sighting, and the dwell ends with that sighting") {
  Walk walk;
  walk.come_in().hear({{22, kDoor, -60}});
  CHECK(walk.deadline() == 67.0);
  walk.wait_until(67 - kJustAfter);
  CHECK(walk.story() == kCameIn);
  walk.wait_until(67);
  CHECK(walk.story() == came_in_and({"67 zone.left entrance 20"}));
}

TEST_CASE("a sighting convinces at exit_dbm, not a dB below") {
  // 30 s after the last advertisement the mean starts anew, so the level is the RSSI.
  Walk at_exit;
  at_exit.come_in().hear({{40, kDoor, -80}}).wait_until(100);
  CHECK(at_exit.story() == came_in_and({"85 zone.left entrance 38"}));
  Walk below;
  below.come_in().hear({{40, kDoor, -81}}).wait_until(100);
  CHECK(below.story() == came_in_and({"47 zone.left entrance 0"}));
}

TEST_CASE("a zone that was left is entered again only at its enter_dbm") {
  Walk walk;
  walk.come_in().hear({{60, kDoor, -73}, {100, kDoor, -72}});
  CHECK(walk.story() == came_in_and({"47 zone.left entrance 0", "100 zone.entered entrance"}));
}

// The end of a visit

TEST_CASE("a visit ends ten minutes after its last convincing sighting, and the stays of a zone add up") {
  Walk walk;
  walk.come_in().hear({{12, kDoor, -60}, {20, kAisle, -50}, {24, kAisle, -50}});
  walk.hear({{100, kDoor, -60}, {130, kDoor, -60}}).wait_until(10'000);
  CHECK(walk.story() == came_in_and({"20 zone.left entrance 18", "20 zone.entered aisle", "69 zone.left aisle 4",
                                     "100 zone.entered entrance", "175 zone.left entrance 30", "730 visit.ended 130"}));
  const auto ended = walk.all<VisitEnded>();
  REQUIRE(ended.size() == 1);
  CHECK(seconds_of(ended[0].started) == 2.0);
  CHECK(ended[0].dwell == std::vector<std::pair<ZoneIndex, Duration>>{{kEntranceZone, 48s}, {kAisleZone, 4s}});
}

TEST_CASE("a convincing sighting outside every zone keeps the visit open") {
  Walk walk;
  walk.come_in().hear({{400, kDoor, -79}}).wait_until(900);
  CHECK(walk.story() == came_in_and({"47 zone.left entrance 0"}));
  walk.wait_until(1000);
  CHECK(walk.story() == came_in_and({"47 zone.left entrance 0", "1000 visit.ended 400"}));
}

TEST_CASE("back before ten minutes continues the visit, back at ten minutes does not") {
  Walk before;
  before.come_in().hear({{602 - kJustAfter, kDoor, -60}});
  CHECK(before.story() == came_in_and({"47 zone.left entrance 0", "602 zone.entered entrance"}));
  Walk after;
  after.come_in().come_in(604);
  CHECK(after.story() == came_in_and({"47 zone.left entrance 0", "602 visit.ended 2", "604 visit.started entrance",
                                      "604 zone.entered entrance"}));
}

TEST_CASE("where both are due at once the zone is left before the visit ends, at one instant") {
  Shop shop = small_shop();
  shop.visit.zone_left_after = shop.visit.ends_after;
  Walk walk{shop};
  walk.come_in();
  CHECK(walk.deadline() == 602.0);
  walk.pass_deadline();
  CHECK(walk.story() == came_in_and({"602 zone.left entrance 0", "602 visit.ended 2"}));
}

TEST_CASE("a visit that ends before its zone would be left takes the zone along") {
  Shop shop = small_shop();
  shop.visit.zone_left_after = 20min;
  Walk walk{shop};
  walk.come_in().wait_until(10'000);
  CHECK(walk.story() == came_in_and({"602 zone.left entrance 0", "602 visit.ended 2"}));
}

TEST_CASE("a zone that is entered while a faint one is heard counts as a convincing moment of the visit") {
  Shop shop = small_shop();
  shop.zones.push_back({"stairs", false, -75, -82, {}});
  shop.scanners.push_back({"hci3", 2, 0});
  shop.visit.zone_left_after = shop.visit.ends_after;
  Walk walk{shop};
  // Only when the entrance has been silent for 15 s does the aisle win; the stairs' faint sighting is when that shows.
  walk.come_in().hear({{10, kAisle, -62}, {17.5, 3, -95}}).wait_until(10'000);
  CHECK(walk.story() == came_in_and({"17.5 zone.left entrance 15.5", "17.5 zone.entered aisle",
                                     "617.5 zone.left aisle 0", "617.5 visit.ended 17.5"}));
}

TEST_CASE("a level that swings by 6 dB around enter_dbm for an hour is one visit in one zone") {
  Walk walk;
  for (int second = 0; second < 3600; ++second) {
    const double swing = 6 * std::sin(second * 0.7);
    walk.hear({{double(second), kDoor, int(std::lround(-72 + swing))}, {second + 0.5, kAisle, -85}});
  }
  CHECK(walk.story().size() == 2);
  CHECK(walk.all<VisitStarted>().size() == 1);
  CHECK(walk.all<ZoneEntered>().size() == 1);
}

// Silence

TEST_CASE("who did not come in is forgotten 30 s after the last advertisement") {
  Walk walk;
  walk.hear({{0, kDoor, -90}, {5, kAisle, -90}});
  CHECK(walk.deadline() == 35.0);
  CHECK_FALSE(Presence::empty(walk.track()));
  walk.pass_deadline();
  CHECK(Presence::empty(walk.track()));
  CHECK(walk.deadline() == std::nullopt);
  CHECK(walk.story().empty());
}

TEST_CASE("once a visit has ended in silence nothing is left to wait for") {
  Walk walk;
  walk.come_in().wait_until(602);
  CHECK(Presence::empty(walk.track()));
  CHECK(walk.deadline() == std::nullopt);
}

TEST_CASE("faint sightings do not hold a visit, and are remembered after it for as long as any others") {
  Walk walk;
  walk.come_in();
  for (int second = 10; second <= 600; second += 10) walk.hear({{double(second), kDoor, -95}});
  walk.wait_until(602);
  CHECK_FALSE(walk.visiting());
  CHECK(walk.deadline() == 630.0);
}
