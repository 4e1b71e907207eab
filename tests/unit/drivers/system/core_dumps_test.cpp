#include "drivers/system/core_dumps.hpp"

#include <sys/resource.h>

#include "drivers/system/random_key.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("no core file from here on") {
  system::forbid_core_dumps();
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_CORE, &limit) == 0);
  CHECK(limit.rlim_cur == 0);
  CHECK(limit.rlim_max == 0);
}

TEST_CASE("no two random keys are alike") {
  CHECK(system::random_key() != system::random_key());
  CHECK(system::random_key() != Key128{});
}
