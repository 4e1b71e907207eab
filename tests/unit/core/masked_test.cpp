#include "core/masked.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("The tail shows only of texts at least twice as long") {
  CHECK(masked_tail("12345678", 4) == "…5678");
  CHECK(masked_tail("1234567", 4) == "…");
  CHECK(masked_tail("", 4) == "…");
}
