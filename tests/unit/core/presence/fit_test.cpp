#include "core/presence/fit.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/unit/core/presence/walk.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;

namespace {

// Stands somewhere for so many seconds, five advertisements a second.
void stand(std::vector<WalkSighting>& walk, std::optional<ZoneIndex> zone, double seconds, int door, int aisle) {
  const double begin = walk.empty() ? 0 : seconds_of(walk.back().at) + 0.2;
  for (int i = 0; i < seconds * 5; ++i) {
    if (door != 0) walk.push_back({at(begin + 0.2 * i), kDoor, door, zone});
    if (aisle != 0) walk.push_back({at(begin + 0.2 * i), kAisle, aisle, zone});
  }
}

std::vector<WalkSighting> whole_walk() {
  std::vector<WalkSighting> walk;
  stand(walk, std::nullopt, 20, -90, 0);
  stand(walk, kEntranceZone, 15, -85, 0);
  stand(walk, kEntranceZone, 15, -65, -90);
  stand(walk, kAisleZone, 30, -88, -66);
  return walk;
}

}  // namespace

TEST_CASE("a walk becomes spots: those that sound apart are kept apart, the same ones are one") {
  const Fit fit = fit_calibration(small_shop(), whole_walk());
  CHECK(fit.missing.empty());
  const auto spots_of = [&](std::optional<ZoneIndex> zone) {
    return std::ranges::count(fit.calibration.spots, zone, &Spot::zone);
  };
  CHECK(spots_of(std::nullopt) == 1);
  CHECK(spots_of(kAisleZone) == 1);
  CHECK(spots_of(kEntranceZone) >= 2);  // and perhaps one on the way between
  const auto aisle = std::ranges::find(fit.calibration.spots, std::optional{kAisleZone}, &Spot::zone);
  CHECK(aisle->levels_dbm == std::vector<double>{-88, kUnheardDbm, -66});
}

TEST_CASE("a longer walk tells more spots apart, and a shop has no more than the filter can follow") {
  const auto spots_after = [](Shop shop, double seconds_each) {
    std::vector<WalkSighting> walk;
    stand(walk, std::nullopt, 20, -92, 0);
    for (const int door : {-40, -50, -60, -70})
      for (const int aisle : {-45, -55, -65, -75}) stand(walk, kEntranceZone, seconds_each, door, aisle);
    stand(walk, kAisleZone, 20, -90, -60);
    const Fit fit = fit_calibration(shop, walk);
    return std::ranges::count(fit.calibration.spots, std::optional{kEntranceZone}, &Spot::zone);
  };
  CHECK(spots_after(small_shop(), 2) == 9);
  CHECK(spots_after(small_shop(), 8) == 15);
  Shop department_store = small_shop();
  department_store.zones.resize(200, department_store.zones.back());
  CHECK(spots_after(department_store, 8) == 2);
}

TEST_CASE("a scanner's offset is in the levels") {
  Shop shop = small_shop();
  shop.scanners[kAisle].offset_db = 4;
  const Fit fit = fit_calibration(shop, whole_walk());
  const auto aisle = std::ranges::find(fit.calibration.spots, std::optional{kAisleZone}, &Spot::zone);
  CHECK(aisle->levels_dbm[kAisle] == -62);
}

TEST_CASE("a place that was hardly heard is named") {
  std::vector<WalkSighting> walk;
  stand(walk, std::nullopt, 20, -90, 0);
  stand(walk, kEntranceZone, 20, -65, -90);
  stand(walk, kAisleZone, 3, -88, -66);
  const Fit fit = fit_calibration(small_shop(), walk);
  REQUIRE(fit.missing.size() == 1);
  CHECK(fit.missing.front().zone == kAisleZone);
  CHECK(fit.missing.front().windows < fit.missing.front().needed);
}

TEST_CASE("places that sound alike cannot be told apart, others can") {
  std::vector<WalkSighting> walk;
  for (int round = 0; round < 3; ++round) {
    stand(walk, std::nullopt, 15, -80 - 3 * (round % 2), 0);
    stand(walk, kEntranceZone, 15, -80 - 3 * (round % 2), 0);
    stand(walk, kAisleZone, 15, -92, -66);
  }
  const Fit fit = fit_calibration(small_shop(), walk);
  REQUIRE(fit.separations.size() == 2);
  CHECK(fit.separations[0].other == kEntranceZone);
  CHECK(fit.separations[0].share < 0.75);
  CHECK(fit.separations[1].share == 1);
}
