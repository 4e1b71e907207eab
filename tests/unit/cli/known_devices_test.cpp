#include "cli/known_devices.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("what is heard crosses the control socket unchanged, whatever it is") {
  std::vector<Advertisement> heard(3);
  heard[0].address = {{0xC0, 1, 2, 3, 4, 5}, AddressType::random_static};
  heard[0].payload = Payload{std::array<std::uint8_t, 3>{2, 1, 6}};
  heard[1].address = {{0, 0, 0, 0, 0, 0}, AddressType::public_address};
  heard[2].address = {{0x4F, 1, 2, 3, 4, 5}, AddressType::random_resolvable};
  heard[2].payload = Payload{std::array<std::uint8_t, Payload::kCapacity>{}};
  const auto asked = advertisements_asked(whose_question(heard));
  REQUIRE(asked);
  REQUIRE(asked->size() == heard.size());
  for (std::size_t i = 0; i < heard.size(); ++i) {
    CHECK((*asked)[i].address == heard[i].address);
    CHECK(std::ranges::equal((*asked)[i].payload.bytes(), heard[i].payload.bytes()));
  }
}

TEST_CASE("a question or an answer of another form is refused") {
  for (const char* text : {"1", "1 c00102030405 02\n1", "9 c00102030405 02\n", "1 c0010203040 02\n",
                           "1 c00102030405 0\n", "1 c00102030405 zz\n", "\n"})
    CHECK_FALSE(advertisements_asked(text));
  CHECK_FALSE(advertisements_asked("1 c00102030405 " + std::string(512, '0') + "\n"));
  CHECK(advertisements_asked("")->empty());
  CHECK(whose_answers("-ktf", 4) == std::vector<Whose>{Whose::stranger, Whose::shopper, Whose::test_tag, Whose::staff});
  CHECK_FALSE(whose_answers("-k", 3));
  CHECK_FALSE(whose_answers("x", 1));
}
