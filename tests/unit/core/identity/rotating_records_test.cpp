#include "core/identity/rotating_records.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

using Place = RotatingRecords::Place;

std::vector<Place> places_of(const RotatingRecords& records, ShopperNumber shopper) {
  std::vector<Place> result = records.of(shopper);
  std::ranges::sort(result);
  return result;
}

}  // namespace

TEST_CASE("every record of a shopper is found, through any additions and removals, and each in its period's cohort") {
  REQUIRE(rc::check([](std::uint32_t seed) {
    std::mt19937 random{seed};
    const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
    RotatingRecords records;
    std::map<ShopperNumber, std::vector<Place>> expected;
    std::map<Place, std::uint32_t> periods;
    const std::uint32_t shoppers = 1 + below(100);
    for (int step = 0; step < 600; ++step) {
      const ShopperNumber shopper = 1 + below(shoppers);
      const std::uint32_t period = 1U << below(3);
      std::vector<Place>& hers = expected[shopper];
      if (below(2) == 0) {
        const bool token = below(2) == 0;
        hers.push_back(token ? records.add_token(shopper, period) : records.add_eddystone(shopper, period));
        RC_ASSERT((records.token(hers.back()) != nullptr) == token);
        RC_ASSERT((records.eddystone(hers.back()) != nullptr) != token);
        RC_ASSERT(periods.emplace(hers.back(), period).second);
      } else if (!hers.empty()) {
        records.remove(hers.back());
        periods.erase(hers.back());
        hers.pop_back();
      }
      if (below(100) == 0) records.shrink_to_fit();
    }
    for (auto& [shopper, hers] : expected) {
      std::ranges::sort(hers);
      RC_ASSERT(places_of(records, shopper) == hers);
    }
    std::size_t in_cohorts = 0;
    records.for_each_cohort([&](const RotatingRecords::Cohort& cohort) {
      for (std::size_t i = 0; i < cohort.size(); ++i) {
        if (records.at(cohort.place(i)).shopper == 0) continue;
        ++in_cohorts;
        RC_ASSERT(periods.at(cohort.place(i)) == cohort.period_s);
        RC_ASSERT(records.period_s(cohort.place(i)) == cohort.period_s);
      }
    });
    RC_ASSERT(in_cohorts == periods.size());
  }));
}

TEST_CASE("a removed record leaves neither key nor shopper behind, and its room is taken again") {
  RotatingRecords records;
  const Place token = records.add_token(1, 900);
  const Place beacon = records.add_eddystone(2, 1024);
  RollingTokenRecord& token_record = *records.token(token);
  EddystoneRecord& beacon_record = *records.eddystone(beacon);
  token_record.days = {1, 2, 3};
  token_record.keys.fill(Key128{1, 2, 3});
  beacon_record.key = {4, 5, 6};
  beacon_record.clock_offset_s = 7;
  beacon_record.ahead_s = 8;
  records.remove(token);
  records.remove(beacon);
  CHECK(token_record.shopper == 0);
  CHECK(token_record.days == std::array<std::uint16_t, 3>{});
  CHECK(token_record.keys == std::array<Key128, 3>{});
  CHECK(beacon_record.shopper == 0);
  CHECK(beacon_record.key == Key128{});
  CHECK(beacon_record.clock_offset_s == 0);
  CHECK(beacon_record.ahead_s == 0);
  CHECK(records.of(1).empty());
  CHECK(records.add_token(3, 900) == token);
  CHECK(records.add_eddystone(4, 1024) == beacon);
}

TEST_CASE("rotations are held as they were given, before and after their clock begins") {
  const std::int64_t first = GENERATE(-3, -1, 0, 5, 1'994'700, 0xFFFFFFFE, 0x7FFFFFFFF0);
  const std::int64_t count = GENERATE(1, 3, 4);
  RotatingRecord record;
  record.hold({first, first + count - 1});
  CHECK(record.rotations() == Rotations{first, first + count - 1});
}
