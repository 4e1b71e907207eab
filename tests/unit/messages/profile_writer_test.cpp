#include <rapidcheck.h>

#include "core/hex.hpp"
#include "messages/profile_json.hpp"
#include "messages/text_forms.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

// Thai, quotes, escapes, nothing: what a text may hold.
std::string any_text() {
  return *rc::gen::element<std::string>("", "มะลิ", "a \"quoted\" \\ one", "line\nbreak", "plain",
                                        std::string(200, 'x'));
}

template <class Octets>
Octets any_octets() {
  return *rc::gen::arbitrary<Octets>();
}

Key128 any_key() {
  return {any_octets<std::array<std::uint8_t, Key128::size()>>()};
}

WallTime any_time() {
  return WallTime{std::chrono::milliseconds{*rc::gen::inRange<std::int64_t>(0, 7'289'654'400'000)}};
}

ProfileIdentifier any_identifier() {
  const auto sixteen_bits = [] { return *rc::gen::arbitrary<std::uint16_t>(); };
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      return IBeaconIdentifier{any_octets<Uuid>(), sixteen_bits(), sixteen_bits()};
    case 1:
      return AltBeaconIdentifier{sixteen_bits(), any_octets<std::array<std::uint8_t, 20>>()};
    case 2:
      return EddystoneUidIdentifier{any_octets<std::array<std::uint8_t, 10>>(),
                                    any_octets<std::array<std::uint8_t, 6>>()};
    case 3: {
      EddystoneEidIdentifier one;
      one.key = any_key();
      if (*rc::gen::arbitrary<bool>()) one.temporary_key_from = *rc::gen::inRange<std::int64_t>(-1'000, 4'000'000'000);
      one.rotation_exponent = *rc::gen::inRange<std::uint8_t>(0, 16);
      one.clock_offset_s = *rc::gen::inRange<std::int64_t>(-4'000'000'000, 4'000'000'000);
      return one;
    }
    case 4: {
      RollingTokenIdentifier one;
      one.service_uuid = any_octets<Uuid>();
      one.period_s = *rc::gen::element<std::uint32_t>(1, 60, 900, 86'400);
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
        one.day_keys.push_back({std::chrono::sys_days{std::chrono::days{*rc::gen::inRange(0, 84'000)}}, any_key()});
      return one;
    }
    case 5:
      return IrkIdentifier{any_key()};
    default: {
      AddressIdentifier one;
      one.address.octets = any_octets<std::array<std::uint8_t, 6>>();
      one.address.type = random_address_type(one.address.octets[0]) == AddressType::random_static
                             ? AddressType::random_static
                             : AddressType::public_address;
      return one;
    }
  }
}

Profile any_profile() {
  Profile profile{.shopper_id = ShopperId::parse(*rc::gen::element<std::string>("s-1", "A.b_c-9")).value()};
  profile.version = *rc::gen::inRange<std::int64_t>(0, INT64_MAX);
  for (int i = *rc::gen::inRange(0, 9); i > 0; --i) profile.identifiers.push_back(any_identifier());
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    Consent consent{static_cast<Purpose>(*rc::gen::inRange(0, 5)), any_time(), std::nullopt, any_text(), any_text()};
    if (*rc::gen::arbitrary<bool>()) consent.expires_at = any_time();
    profile.consents.push_back(consent);
  }
  profile.language = *rc::gen::element<std::string>("", "th", "en-GB");
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) profile.segments.push_back(any_text());
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) profile.attributes[any_text()] = any_text();
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i)
    profile.recommendations.push_back(
        {any_text(), *rc::gen::arbitrary<double>(), any_text(), {{"th", any_text()}, {"en", any_text()}}});
  profile.staff = *rc::gen::arbitrary<bool>();
  profile.test = *rc::gen::arbitrary<bool>();
  return profile;
}

Key128 key(std::uint8_t fill) {
  Key128 octets{};
  octets.octets.fill(fill);
  return octets;
}

}  // namespace

TEST_CASE("a profile comes back as it was written, in one line") {
  CHECK(rc::check("round trip", [] {
    const Profile profile = any_profile();
    const std::string json = profile_to_json(profile);
    RC_ASSERT(json.find('\n') == std::string::npos);
    const auto read = stored_profile_from_json(json);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == profile);
  }));
}

TEST_CASE("a masked profile shows no key and no address whole") {
  Profile profile{.shopper_id = ShopperId::parse("s-1").value()};
  RollingTokenIdentifier token;
  token.period_s = 900;
  token.day_keys = {{std::chrono::sys_days{}, key(0xA1)}};
  EddystoneEidIdentifier identity;
  identity.key = key(0xA2);
  EddystoneEidIdentifier temporary;
  temporary.key = key(0xA3);
  temporary.temporary_key_from = 1;
  AltBeaconIdentifier altbeacon;
  altbeacon.id.fill(0xA5);
  EddystoneUidIdentifier uid;
  uid.instance.fill(0xA6);
  AddressIdentifier address;
  address.address = {{0xC0, 0xA7, 0xA7, 0xA7, 0xA7, 0xA7}, AddressType::random_static};
  profile.identifiers = {token, identity, temporary, IrkIdentifier{key(0xA4)}, altbeacon, uid, address};

  const std::string masked = profile_to_masked_json(profile);
  CHECK(masked.find("C0:A7:A7") == std::string::npos);
  const std::string whole = profile_to_json(profile);
  for (const auto* octet : {"a1", "a2", "a3", "a4", "a5", "a6"}) {
    std::string shown{octet};
    shown += octet;  // four digits tell two of them apart
    INFO(octet);
    CHECK(whole.find(shown + shown) != std::string::npos);
    CHECK(masked.find("…" + shown + '"') != std::string::npos);
    CHECK(masked.find(shown + octet) == std::string::npos);
  }
}
