#include "messages/track_json.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;

namespace {

const WallTime kNow{1'795'000'000'123'456us};

Shop shop() {
  Zone door;
  door.id = "door";
  Zone aisle;
  aisle.id = "aisle";
  Shop result;
  result.zones = {door, aisle};
  result.scanners = {{"hci0", 0, 0}, {"hci1", 1, 0}};
  return result;
}

Instant ago(Duration by) {
  return capture_instant(kNow - by);
}

TrackAndVisit in_mid_visit() {
  TrackAndVisit result;
  result.track.levels = {ScannerLevel{-61.1, ago(1s), -63.3}, std::nullopt};
  result.track.visit = Visit{ago(90s), ago(1s), ZoneStay{1, ago(20s), ago(3s)}, {{0, 70s}, {1, 0s}}, 0};
  result.visit = {"v-1", Assurance::rotating, true, {{"com.beacongateway.zone.entered.v1/door", 2}}};
  return result;
}

std::string written(const TrackAndVisit& one) {
  return track_to_json(one.track, one.visit, shop());
}

}  // namespace

TEST_CASE("a followed shopper comes back exactly, to the last bit of the mean") {
  CHECK(rc::check("round trip", [] {
    TrackAndVisit one;
    one.track.levels.resize(2);
    for (auto& level : one.track.levels)
      if (*rc::gen::arbitrary<bool>())
        level = ScannerLevel{*rc::gen::arbitrary<double>(), ago(Duration{*rc::gen::inRange(0, 30'000'000)}),
                             *rc::gen::arbitrary<double>()};
    if (*rc::gen::arbitrary<bool>()) {
      const auto base = in_mid_visit();
      one.track.visit = base.track.visit;
      one.visit = base.visit;
      one.visit.told = *rc::gen::arbitrary<bool>();
      if (*rc::gen::arbitrary<bool>()) one.track.visit->stay.reset();
      if (*rc::gen::arbitrary<bool>()) {
        one.track.belief = {
            *rc::gen::container<std::vector<float>>(3, rc::gen::arbitrary<float>()), 7, ago(9s), ago(1s), 0.3F, 12.5F};
        one.track.visit->confidence = 0.1 + 0.2;
      }
    } else {
      one.track.start_sightings = {{ago(3s), 0}, {ago(2s), 1}};
    }
    const auto read = track_from_json(written(one), shop(), capture_instant(kNow));
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->track == one.track);
    RC_ASSERT(read->visit == one.visit);
  }));
}

TEST_CASE("on another monotonic clock everything is as long ago as it was, and nothing lies in the future") {
  const Instant now{MonotonicTime{5min}, kNow, TimeQuality::trusted};
  const auto read = track_from_json(written(in_mid_visit()), shop(), now);
  REQUIRE(read);
  CHECK(read->track.visit->started.monotonic == MonotonicTime{5min - 90s});
  CHECK(read->track.visit->started.wall == kNow - 90s);

  const Instant stepped_back{MonotonicTime{5min}, kNow - 1h, TimeQuality::trusted};
  CHECK(track_from_json(written(in_mid_visit()), shop(), stepped_back)->track.visit->started.monotonic ==
        MonotonicTime{5min});
}

TEST_CASE("zones and scanners go by their names") {
  Shop turned = shop();
  std::swap(turned.zones[0], turned.zones[1]);
  turned.scanners = {{"hci1", 0, 0}, {"hci0", 1, 0}};
  const auto read = track_from_json(written(in_mid_visit()), turned, capture_instant(kNow));
  REQUIRE(read);
  CHECK(read->track.visit->stay->zone == 0);
  CHECK(read->track.visit->dwell.front().first == 1);
  CHECK_FALSE(read->track.levels[0]);
  CHECK(read->track.levels[1]->mean_dbm == -61.1);
}

TEST_CASE("a zone or scanner that is gone is left out, the visit goes on") {
  Shop smaller = shop();
  smaller.zones.pop_back();
  smaller.scanners = {{"hci1", 0, 0}};
  const auto read = track_from_json(written(in_mid_visit()), smaller, capture_instant(kNow));
  REQUIRE(read);
  REQUIRE(read->track.visit);
  CHECK_FALSE(read->track.visit->stay);
  CHECK(read->track.visit->dwell.size() == 1);
  CHECK(read->track.levels.size() == 1);
  CHECK_FALSE(read->track.levels[0]);
}

TEST_CASE("a damaged text gives nothing and never throws") {
  const std::string good = written(in_mid_visit());
  REQUIRE(track_from_json(good, shop(), capture_instant(kNow)));
  for (std::size_t length = 0; length < good.size(); ++length)
    CHECK_FALSE(track_from_json(good.substr(0, length), shop(), capture_instant(kNow)));
  for (const auto* bad :
       {"[]", "7", "{}", R"({"levels":[]})", R"({"levels":{"a":1},"start_sightings":[]})",
        R"({"levels":[],"start_sightings":[[1]]})", R"({"levels":[],"start_sightings":[],"visit":{}})"})
    CHECK_FALSE(track_from_json(bad, shop(), capture_instant(kNow)));
}
