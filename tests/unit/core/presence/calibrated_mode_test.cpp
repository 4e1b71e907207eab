#include <algorithm>
#include <array>
#include <random>

#include "core/presence/calibration.hpp"
#include "tests/catch.hpp"
#include "tests/unit/core/presence/walk.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;

namespace {

// The small shop after a technician's walk: loud at the scanner that is near, fainter elsewhere, faint in the street.
Shop calibrated_shop(double street_dbm = -90) {
  Shop shop = small_shop();
  shop.scanners = {{"hci0", kEntranceZone, 0}, {"hci1", kEntranceZone, 0}, {"hci2", kAisleZone, 0}};
  shop.calibration = std::make_shared<Calibration>(Calibration{{{std::nullopt, {street_dbm, street_dbm, kUnheardDbm}},
                                                                {kEntranceZone, {-72, -72, -92}},
                                                                {kAisleZone, {kUnheardDbm, kUnheardDbm, -70}}}});
  return shop;
}

// And a zone `promo`, which differs from the aisle by how the scanners of the entrance hear it.
constexpr ZoneIndex kPromoZone = 2;

Shop shop_with_promo() {
  Shop shop = calibrated_shop();
  shop.zones.push_back({"promo", false, -75, -82, {}});
  shop.calibration = std::make_shared<Calibration>(Calibration{{{std::nullopt, {-90, -90, kUnheardDbm}},
                                                                {kEntranceZone, {-72, -72, -92}},
                                                                {kAisleZone, {-80, -90, -70}},
                                                                {kPromoZone, {-90, -80, -70}}}});
  return shop;
}

// Each scanner's level at `count` sightings, two a second, from `begin` on.
std::vector<Row> stand(double begin, int count, int door, int window, int aisle) {
  std::vector<Row> rows;
  for (int i = 0; i < count; ++i) {
    const double at = begin + 0.5 * i;
    if (door != 0) rows.push_back({at, kDoor, door});
    if (window != 0) rows.push_back({at, kWindow, window});
    if (aisle != 0) rows.push_back({at, kAisle, aisle});
  }
  return rows;
}

}  // namespace

TEST_CASE("who walks in is welcomed, followed into the aisle, and ends where she was last believed inside") {
  Walk walk(calibrated_shop());
  walk.hear(stand(0, 8, -91, -90, 0)).hear(stand(4, 10, -72, -73, 0)).hear(stand(9, 20, 0, 0, -70));
  walk.hear(stand(19, 10, -73, -71, 0)).hear(stand(24, 20, -90, -91, 0));
  walk.wait_until(700);
  const auto started = walk.all<VisitStarted>();
  REQUIRE(started.size() == 1);
  CHECK(started.front().zone == kEntranceZone);
  CHECK(started.front().confidence.value() >= 0.88);
  std::vector<ZoneIndex> zones;
  for (const ZoneEntered& one : walk.all<ZoneEntered>()) zones.push_back(one.zone);
  CHECK(zones == std::vector<ZoneIndex>{kEntranceZone, kAisleZone, kEntranceZone});
  const auto ended = walk.all<VisitEnded>();
  REQUIRE(ended.size() == 1);
  CHECK(seconds_of(ended.front().left) >= 23.5);
  CHECK(seconds_of(ended.front().left) < 30);
  CHECK(ended.front().confidence.value() >= 0.5);
}

TEST_CASE("who turns at the door is heard louder everywhere, and is not announced") {
  Walk walk(calibrated_shop());
  walk.hear(stand(0, 40, -96, -96, -99)).hear(stand(20, 10, -86, -86, -92));
  CHECK(walk.story().empty());
}

TEST_CASE("many scanners that are put off alike, as by a place between two spots, do not announce a passer-by") {
  constexpr std::size_t kPairs = 6;  // half of the scanners look at one end of the front, half at the other
  Shop shop = small_shop();
  shop.scanners.assign(2 * kPairs, {"hci0", kEntranceZone, 0});
  Calibration calibration{{{std::nullopt, {}}, {kEntranceZone, {}}, {kAisleZone, {}}}};
  constexpr std::array<std::array<double, 2>, 3> kLevels{{{-82, -82}, {-72, -80}, {-96, -96}}};
  for (std::size_t pair = 0; pair < kPairs; ++pair)
    for (std::size_t spot = 0; spot < kLevels.size(); ++spot)
      for (const double dbm : kLevels.at(spot)) calibration.spots[spot].levels_dbm.push_back(dbm);
  shop.calibration = std::make_shared<const Calibration>(std::move(calibration));
  Walk walk(shop);
  for (int i = 0; i < 3; ++i)
    for (std::size_t scanner = 0; scanner < 2 * kPairs; ++scanner)
      walk.hear({{0.5 * i, static_cast<ScannerIndex>(scanner), scanner % 2 == 0 ? -74 : -80}});
  CHECK(walk.story().empty());
}

TEST_CASE("who passes by is not announced, loud phone or not") {
  const int phone = GENERATE(-6, 0, 6);
  Walk walk(calibrated_shop());
  walk.hear(stand(0, 8, -94 + phone, -95 + phone, 0));
  walk.hear(stand(4, 20, -89 + phone, -90 + phone, 0)).hear(stand(14, 8, -93 + phone, -95 + phone, 0));
  CHECK(walk.story().empty());
}

namespace {

// An hour of levels that swing by 6 dB at the two scanners of the entrance, each way for so long, and the aisle's
// beside them.
Walk swing_for_an_hour(const Shop& shop, int entrance, int aisle, int each_way_s = 1) {
  Walk walk(shop);
  walk.hear(stand(0, 8, -91, -90, 0)).hear(stand(4, 10, -72, -72, 0));
  for (int second = 9; second < 3609; ++second) {
    const int swing = second / each_way_s % 2 == 0 ? 6 : -6;
    walk.hear(stand(second, 2, entrance + swing, entrance + swing, aisle));
  }
  return walk;
}

std::ptrdiff_t zones_entered(const Walk& walk, double from, double to) {
  return std::ranges::count_if(walk.told(), [&](const Told& one) {
    return std::holds_alternative<ZoneEntered>(one.change) && one.seconds >= from && one.seconds < to;
  });
}

// The technician walked from the one zone into the other, too.
Shop shop_with_border() {
  Shop shop = calibrated_shop();
  auto calibration = *shop.calibration;
  calibration.spots.push_back({kEntranceZone, {-79, -79, -84}});
  calibration.spots.push_back({kAisleZone, {-84, -84, -79}});
  shop.calibration = std::make_shared<Calibration>(std::move(calibration));
  return shop;
}

}  // namespace

TEST_CASE("a level that swings by 6 dB for an hour is one visit, and no zone flaps") {
  const auto [entrance, aisle] = GENERATE(std::pair{-74, -92}, std::pair{-75, -89});  // as its spot has it, or not
  const Walk walk = swing_for_an_hour(calibrated_shop(), entrance, aisle);
  CHECK(walk.all<VisitStarted>().size() == 1);
  CHECK(walk.all<ZoneEntered>().size() <= 2);
  CHECK(walk.visiting());
}

TEST_CASE("a level that swings by 6 dB at the border of two zones is one visit, and no zone flaps") {
  const int each_way_s = GENERATE(1, 2, 4);
  const int aisle = GENERATE(-84, -82, -80);
  const Walk walk = swing_for_an_hour(shop_with_border(), -82, aisle, each_way_s);
  CHECK(walk.all<VisitStarted>().size() == 1);
  CHECK(zones_entered(walk, 129, 3609) == 0);  // once she is known to stand still
  CHECK(zones_entered(walk, 0, 129) <= 14);
  CHECK(walk.visiting());
}

// A known fault: where the walk left out what lies between two zones, the street of a louder phone explains levels in
// the middle better than either zone does, and the visit of somebody who stays there ends. Take the tag away when it
// does not.
TEST_CASE("a swing between two zones where nobody walked is one visit too", "[!shouldfail]") {
  CHECK(swing_for_an_hour(calibrated_shop(), -82, -81).visiting());
}

TEST_CASE("a belief that was made with another calibration begins anew, where the visit was") {
  Walk before(calibrated_shop());
  before.hear(stand(0, 8, -91, -90, 0)).hear(stand(4, 10, -72, -72, 0)).hear(stand(9, 8, 0, 0, -70));
  Track track = before.track();
  const Shop other = calibrated_shop(-88);
  const Presence presence(other);
  std::vector<PresenceChange> changes;
  presence.observe(track, kAisle, -71, at(13.5), changes);
  CHECK(std::ranges::none_of(changes, [](const auto& one) { return std::holds_alternative<ZoneLeft>(one); }));
  CHECK(track.visit->stay->zone == kAisleZone);
  CHECK(track.belief.since == at(13.5));
}

// A sender at the door that the aisle's scanner does not hear: whether that says something depends on whether the
// scanner hears anybody.
TEST_CASE("a scanner's silence counts more while it hears others than from one that may be deaf") {
  const auto in_aisle_unheard = [](bool deaf) {
    Track track;
    const Shop shop = calibrated_shop();
    Presence presence(shop);
    std::vector<PresenceChange> changes;
    for (int i = 0; i < 60; ++i) {
      const Instant now = at(0.5 * i);
      presence.note_alive(kDoor, now);
      if (!deaf) presence.note_alive(kAisle, now);
      presence.observe(track, kDoor, -84, now, changes);
    }
    float aisle = 0;
    const std::size_t third = track.belief.shares.size() / 3;
    for (std::size_t i = 2 * third; i < track.belief.shares.size(); ++i) aisle += track.belief.shares[i];
    return aisle;
  };
  CHECK(in_aisle_unheard(false) < in_aisle_unheard(true) / 2);
}

// In a shop that has just opened, the aisle's scanner has heard nobody yet, and the passer-by is as faint as somebody
// in the aisle would be at the door.
TEST_CASE("who is faint at the door is not in the empty aisle, though its scanner may be deaf") {
  Track track;
  const Shop shop = calibrated_shop(-80);
  Presence presence(shop);
  std::vector<PresenceChange> changes;
  for (const Row& row : stand(0, 60, -93, -94, 0)) {
    presence.note_alive(kDoor, at(row.seconds));
    presence.note_alive(kWindow, at(row.seconds));
    presence.observe(track, row.scanner, row.rssi_dbm, at(row.seconds), changes);
  }
  CHECK(changes.empty());
}

TEST_CASE("a zone is entered once it is more likely than not") {
  Walk walk(shop_with_promo());
  walk.hear(stand(0, 20, -72, -73, 0));
  const auto zones = [&] {
    std::vector<ZoneIndex> entered;
    for (const ZoneEntered& one : walk.all<ZoneEntered>()) entered.push_back(one.zone);
    return entered;
  };
  walk.hear(stand(10, 2, 0, 0, -70));  // the aisle or promo
  CHECK(zones() == std::vector<ZoneIndex>{kEntranceZone});
  walk.hear(stand(11, 10, -90, -80, -70));
  CHECK(zones() == std::vector<ZoneIndex>{kEntranceZone, kPromoZone});
}

TEST_CASE("the scanners of one advertisement do not move anybody twice") {
  Walk walk(shop_with_promo());
  std::mt19937 random;
  std::uniform_int_distribution<int> rssi(-95, -65);
  for (int i = 0; i < 2000; ++i)
    walk.hear({{0.5 * i, kDoor, rssi(random)}, {0.5 * i + 0.01, kWindow, rssi(random)}, {0.5 * i + 0.02, kAisle, -70}});
  const auto left = walk.all<ZoneLeft>();
  CHECK(left.size() > 10);
  CHECK(std::ranges::all_of(left, [](const ZoneLeft& one) { return one.dwell > std::chrono::milliseconds{100}; }));
}
