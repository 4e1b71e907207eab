#include "core/shopper_id.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("A pseudonym is 1 to 64 characters of its alphabet") {
  for (const std::string& text : {std::string{"s"}, std::string{"A-z_0.9"}, std::string(64, 'a')}) {
    REQUIRE(ShopperId::parse(text));
    CHECK(ShopperId::parse(text)->value() == text);
  }
  for (const std::string& text : {std::string{}, std::string(65, 'a'), std::string{"a b"}, std::string{"a/b"},
                                  std::string{"มะลิ"}, std::string{"a\n"}, std::string{"a\0b", 3}})
    CHECK_FALSE(ShopperId::parse(text));
}

TEST_CASE("A pseudonym prints masked") {
  CHECK(ShopperId::parse("shopper-0042")->masked() == "…0042");
  CHECK(ShopperId::parse("s-1")->masked() == "…");
}
