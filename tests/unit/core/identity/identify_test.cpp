#include "core/identity/identify.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;
using Found = IdentityIndex::Found;

namespace {

constexpr WallTime kNow = std::chrono::sys_days{2026y / 11 / 22} + 3h;
constexpr Uuid kOurs{0x5A};
constexpr Uuid kForeign{0x99};
constexpr Address kTag{{0xC0, 0, 0, 0, 0, 1}, AddressType::random_static};
constexpr Address kStranger{{0x4F, 0, 0, 0, 0, 2}, AddressType::random_resolvable};
constexpr EddystoneUid kUid{{1}, {2}, 0};

IBeacon ibeacon(std::uint16_t minor, const Uuid& uuid = kOurs) {
  return {uuid, 1, minor, -59};
}

Frames frames(std::initializer_list<Frame> given) {
  Frames result;
  for (const Frame& frame : given) result.frames.at(result.count++) = frame;
  return result;
}

Profile profile_of(std::vector<ProfileIdentifier> identifiers) {
  Profile profile{ShopperId::parse("s-1").value()};
  profile.identifiers = std::move(identifiers);
  profile.consents = {{Purpose::welcome, WallTime{}, std::nullopt, "", ""}};
  return profile;
}

// Shopper 1 has iBeacon 1, shopper 2 an Eddystone-UID, shopper 3 a tag known by its address.
struct Known {
  IdentityIndex index;
  IdentityRules rules{{kOurs}, {}};

  Known() {
    index.add(1, profile_of({IBeaconIdentifier{kOurs, 1, 1}}));
    index.add(2, profile_of({EddystoneUidIdentifier{kUid.name_space, kUid.instance}}));
    index.add(3, profile_of({AddressIdentifier{kTag}}));
  }

  [[nodiscard]] Recognition ask(std::initializer_list<Frame> given, const Address& address = kStranger) const {
    return identify(index, rules, frames(given), address, kNow);
  }
};

}  // namespace

TEST_CASE("a known frame is its shopper, and an identity that can be copied is static") {
  const Recognition recognition = Known{}.ask({ibeacon(1)});
  CHECK(recognition.found == Found::match);
  CHECK(recognition.shopper == 1);
  CHECK(recognition.assurance == Assurance::fixed);
}

TEST_CASE("the first frame that is known wins, whatever stood before it") {
  CHECK(Known{}.ask({kUid, ibeacon(1)}).shopper == 2);
  CHECK(Known{}.ask({ibeacon(1), kUid}).shopper == 1);
  CHECK(Known{}.ask({EddystoneTlm{}, ibeacon(7), EddystoneUrl{}, kUid}).shopper == 2);
}

TEST_CASE("a frame goes before the address it came from") {
  CHECK(Known{}.ask({ibeacon(1)}, kTag).shopper == 1);
  CHECK(Known{}.ask({ibeacon(7)}, kTag).shopper == 3);
  CHECK(Known{}.ask({}, kTag).shopper == 3);
}

TEST_CASE("an address that does not last is not looked up, nor one of another type") {
  const Known known;
  for (const AddressType type :
       {AddressType::random_resolvable, AddressType::random_non_resolvable, AddressType::public_address})
    CHECK(known.ask({}, {kTag.octets, type}).found == Found::unknown);
}

TEST_CASE("an iBeacon of a foreign UUID is not looked up, even if a profile names it") {
  Known known;
  known.index.add(4, profile_of({IBeaconIdentifier{kForeign, 1, 1}}));
  CHECK(known.ask({ibeacon(1, kForeign)}).found == Found::unknown);
  known.rules.ibeacon_uuids.clear();
  CHECK(known.ask({ibeacon(1, kForeign)}).shopper == 4);
}

TEST_CASE("without a match the most telling answer is given") {
  Known known;
  known.index.add(5, profile_of({IBeaconIdentifier{kOurs, 1, 5}}));
  known.index.add(6, profile_of({IBeaconIdentifier{kOurs, 1, 5}}));
  Profile without_consent = profile_of({IBeaconIdentifier{kOurs, 1, 6}});
  without_consent.consents.clear();
  known.index.add(7, without_consent);
  Profile staff = profile_of({IBeaconIdentifier{kOurs, 1, 8}});
  staff.staff = true;
  known.index.add(8, staff);

  CHECK(known.ask({ibeacon(99)}).found == Found::unknown);
  CHECK(known.ask({ibeacon(99), ibeacon(5)}).found == Found::contested);
  CHECK(known.ask({ibeacon(6), ibeacon(5)}).found == Found::no_live_consent);
  CHECK(known.ask({ibeacon(8), ibeacon(6), ibeacon(5)}).found == Found::staff);
  CHECK(known.ask({ibeacon(8), ibeacon(6), ibeacon(5), kUid}).shopper == 2);
}
