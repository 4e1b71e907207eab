#include "core/identity/identifier.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("Frames that differ in any identifying field have different identifiers, power has no part") {
  REQUIRE(rc::check([](const Uuid& uuid, std::uint16_t major, std::uint16_t minor, std::int8_t power) {
    const IBeacon frame{uuid, major, minor, power};
    IBeacon other = frame;
    other.measured_power_dbm = 1;
    RC_ASSERT(identifier_of(frame) == identifier_of(other));
    for (const int part : {0, 1, 2, 3}) {
      other = frame;
      if (part == 0) other.uuid[0] ^= 1;
      if (part == 1) other.major ^= 0x0100;
      if (part == 2) other.minor ^= 0x0001;
      if (part == 3) other.uuid[15] ^= 0x80;
      RC_ASSERT_FALSE(identifier_of(frame) == identifier_of(other));
    }
  }));
}

TEST_CASE("Identifiers of different kinds never meet") {
  const Address fixed{{0xC0, 0, 0, 0, 0, 0}, AddressType::random_static};
  const Address same_octets{fixed.octets, AddressType::public_address};
  CHECK_FALSE(identifier_of(fixed) == identifier_of(same_octets));
  CHECK_FALSE(identifier_of(IBeacon{}) == identifier_of(EddystoneUid{}));
  CHECK_FALSE(identifier_of(AltBeacon{1, {}, 0, 0}) == identifier_of(AltBeacon{2, {}, 0, 0}));
}

TEST_CASE("An identifier prints its kind and its last two octets") {
  CHECK(identifier_of(IBeacon{{}, 0, 0x12AB, 0}).masked() == "ibeacon …12ab");
  AltBeacon altbeacon;
  altbeacon.id[18] = 0x34;
  altbeacon.id[19] = 0x56;
  CHECK(identifier_of(altbeacon).masked() == "altbeacon …3456");
  CHECK(identifier_of(EddystoneUid{{}, {0, 0, 0, 0, 7, 8}, 0}).masked() == "eddystone-uid …0708");
  CHECK(identifier_of(Address{{0xC0, 1, 2, 3, 4, 5}, AddressType::random_static}).masked() == "address …0405");
}
