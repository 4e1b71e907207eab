#include "messages/identity_octets.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

template <std::size_t kSize>
std::array<std::uint8_t, kSize> any_octets() {
  return *rc::gen::container<std::array<std::uint8_t, kSize>>(rc::gen::arbitrary<std::uint8_t>());
}

ProfileIdentifier any_identifier() {
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
      return IBeaconIdentifier{any_octets<16>(), *rc::gen::arbitrary<std::uint16_t>(),
                               *rc::gen::arbitrary<std::uint16_t>()};
    case 1:
      return AltBeaconIdentifier{*rc::gen::arbitrary<std::uint16_t>(), any_octets<20>()};
    case 2:
      return EddystoneUidIdentifier{any_octets<10>(), any_octets<6>()};
    case 3:
      return EddystoneEidIdentifier{
          any_octets<16>(),
          *rc::gen::arbitrary<bool>() ? std::optional{*rc::gen::arbitrary<std::int64_t>()} : std::nullopt,
          *rc::gen::inRange<std::uint8_t>(0, 16), *rc::gen::arbitrary<std::int64_t>()};
    case 4:
      return RollingTokenIdentifier{any_octets<16>(), *rc::gen::element(1U, 60U, 900U, 86'400U), {}};
    case 5:
      return IrkIdentifier{any_octets<16>()};
    case 6:
      return AddressIdentifier{{any_octets<6>(), AddressType::public_address}};
    default: {
      Address address{any_octets<6>(), AddressType::random_static};
      address.octets[0] |= 0xC0U;
      return AddressIdentifier{address};
    }
  }
}

Identity any_identity() {
  Identity identity;
  identity.staff = *rc::gen::arbitrary<bool>();
  const auto count = *rc::gen::inRange<std::size_t>(0, Profile::kMostIdentifiers + 1);
  for (std::size_t i = 0; i < count; ++i) identity.identifiers.push_back(any_identifier());
  return identity;
}

std::string octets_of(const Identity& identity) {
  return identity_to_octets(identity.staff, identity.identifiers);
}

}  // namespace

TEST_CASE("every identity comes back as it was written") {
  CHECK(rc::check([] {
    const Identity identity = any_identity();
    RC_ASSERT(identity_from_octets(octets_of(identity)) == identity);
  }));
}

TEST_CASE("whatever is read was written so: one flipped bit is another identity or none") {
  CHECK(rc::check([] {
    std::string octets = octets_of(any_identity());
    auto& hit = octets[*rc::gen::inRange<std::size_t>(0, octets.size())];
    hit = static_cast<char>(hit ^ (1 << *rc::gen::inRange(0, 8)));
    const auto read = identity_from_octets(octets);
    const bool same = !read || octets_of(*read) == octets;  // RC_ASSERT itself evaluates both sides of ||
    RC_ASSERT(same);
  }));
}

TEST_CASE("a shorter or a longer text is no identity") {
  CHECK(rc::check([] {
    const std::string octets = octets_of(any_identity());
    RC_ASSERT_FALSE(identity_from_octets(octets.substr(0, *rc::gen::inRange<std::size_t>(0, octets.size()))));
    RC_ASSERT_FALSE(identity_from_octets(octets + '\0'));
  }));
}

TEST_CASE("day keys do not go into the identity") {
  RollingTokenIdentifier token{{}, 900, {}};
  const std::string without = identity_to_octets(false, std::vector<ProfileIdentifier>{token});
  token.day_keys = {{std::chrono::sys_days{}, {1, 2, 3}}};
  CHECK(identity_to_octets(false, std::vector<ProfileIdentifier>{token}) == without);
}

TEST_CASE("values out of their ranges are refused") {
  const auto read = [](const ProfileIdentifier& one) {
    return identity_from_octets(identity_to_octets(false, std::vector{one}));
  };
  CHECK_FALSE(read(EddystoneEidIdentifier{{}, {}, 16, 0}));
  CHECK_FALSE(read(RollingTokenIdentifier{{}, 0, {}}));
  CHECK_FALSE(read(RollingTokenIdentifier{{}, 7 * 60 * 11, {}}));
  CHECK_FALSE(read(AddressIdentifier{{{0x40}, AddressType::random_static}}));
  const std::vector<ProfileIdentifier> nine(Profile::kMostIdentifiers + 1, IrkIdentifier{});
  CHECK_FALSE(identity_from_octets(identity_to_octets(false, nine)));
}

TEST_CASE("an iBeacon takes 24 octets: the form does not change unnoticed") {
  const ProfileIdentifier beacon = IBeaconIdentifier{{0x5A}, 0x0102, 0x0304};
  const std::string expected = std::string{"\x01\x01\x01\x01\x5A", 5} + std::string(15, '\0') + "\x01\x02\x03\x04";
  CHECK(identity_to_octets(true, std::vector{beacon}) == expected);
}
