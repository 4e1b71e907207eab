#include "core/address.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("An address prints whole for codecs and masked for people") {
  const Address address{{0xC0, 0x01, 0x02, 0xAB, 0x04, 0x05}, AddressType::random_static};
  CHECK(address.text() == "C0:01:02:AB:04:05");
  CHECK(address.masked() == "…04:05");
}

TEST_CASE("An address is read as it is printed, in either case") {
  REQUIRE(rc::check([](const std::array<std::uint8_t, 6>& octets, bool lower) {
    std::string text = Address{octets}.text();
    if (lower)
      for (char& c : text) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    RC_ASSERT(parse_address_octets(text) == octets);
  }));
}

TEST_CASE("Other texts are no addresses") {
  for (const char* text : {"", "hci0", "C0:01:02:03:04", "C0:01:02:03:04:05:", "C0:01:02:03:04:0", "C0-01-02-03-04-05",
                           "G0:01:02:03:04:05", "C0:01:02:03:04:0G", " C0:01:02:03:04:0"})
    CHECK_FALSE(parse_address_octets(text));
}

TEST_CASE("The two most significant bits tell the type of a random address") {
  CHECK(random_address_type(0xFF) == AddressType::random_static);
  CHECK(random_address_type(0xC0) == AddressType::random_static);
  CHECK(random_address_type(0xBF) == AddressType::random_non_resolvable);  // 10: reserved
  CHECK(random_address_type(0x7F) == AddressType::random_resolvable);
  CHECK(random_address_type(0x40) == AddressType::random_resolvable);
  CHECK(random_address_type(0x3F) == AddressType::random_non_resolvable);
}
