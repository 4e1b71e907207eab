#include "core/counters.hpp"

#include <set>

#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("every count has a name of its own") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kCounts; ++i) names.insert(name(static_cast<Count>(i)));
  CHECK(names.size() == kCounts);
  CHECK_FALSE(names.contains(""));
  CHECK(name(Count::dropped_staff) == "dropped_staff");
  CHECK(name(Count::advertisements_overflowed) == "advertisements_overflowed");
}

TEST_CASE("counts add up, each for itself") {
  Counters counters;
  counters.add(Count::sightings);
  counters.add(Count::sightings, 2);
  CHECK(counters[Count::sightings] == 3);
  CHECK(counters[Count::triggers] == 0);
}
