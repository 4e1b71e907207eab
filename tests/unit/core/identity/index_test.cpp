#include "core/identity/index.hpp"

#include <rapidcheck.h>

#include <map>
#include <set>

#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;
using Found = IdentityIndex::Found;

namespace {

constexpr WallTime kNow = std::chrono::sys_days{2026y / 11 / 22} + 3h;

IBeaconIdentifier ibeacon(std::uint16_t minor) {
  return {{}, 1, minor};
}

Identifier key(std::uint16_t minor) {
  return identifier_of(IBeacon{{}, 1, minor, 0});
}

Profile profile_of(const std::vector<std::uint16_t>& minors) {
  Profile profile{ShopperId::parse("s-1").value()};
  profile.consents = {{Purpose::welcome, WallTime{}, std::nullopt, "", ""}};
  for (const std::uint16_t minor : minors) profile.identifiers.emplace_back(ibeacon(minor));
  return profile;
}

// What the index has to be, said in the plainest way.
class Model {
 public:
  void add(ShopperNumber shopper, const std::vector<std::uint16_t>& minors) {
    for (const std::uint16_t minor : std::set(minors.begin(), minors.end())) claims_.emplace(minor, shopper);
  }
  void remove(ShopperNumber shopper) {
    std::erase_if(claims_, [&](const auto& claim) { return claim.second == shopper; });
  }

  void check(const IdentityIndex& index, std::uint16_t pool) const {
    std::size_t known = 0;
    std::size_t contested = 0;
    for (std::uint16_t minor = 0; minor < pool; ++minor) {
      const auto answer = index.find(key(minor), kNow);
      const auto claims = claims_.count(minor);
      known += claims > 0;
      contested += claims > 1;
      RC_ASSERT(answer.found == (claims == 0 ? Found::unknown : claims == 1 ? Found::match : Found::contested));
      RC_ASSERT(answer.shopper == (claims == 1 ? claims_.find(minor)->second : 0));
    }
    RC_ASSERT(index.size() == known);
    RC_ASSERT(index.contested() == contested);
  }

 private:
  std::multimap<std::uint16_t, ShopperNumber> claims_;
};

// Each step names a shopper: comes if not yet here, goes if here. Few identifiers make for many quarrels, many for a
// table that grows and is full of neighbours.
void come_and_go(std::uint16_t pool, ShopperNumber shoppers) {
  IdentityIndex index;
  Model model;
  std::map<ShopperNumber, std::vector<std::uint16_t>> here;
  const auto steps = *rc::gen::container<std::vector<ShopperNumber>>(rc::gen::inRange<ShopperNumber>(0, shoppers));
  for (const ShopperNumber shopper : steps) {
    if (const auto found = here.find(shopper); found != here.end()) {
      index.remove(shopper, profile_of(found->second));
      model.remove(shopper);
      here.erase(found);
    } else {
      auto minors = *rc::gen::container<std::vector<std::uint16_t>>(rc::gen::inRange<std::uint16_t>(0, pool));
      if (minors.size() > Profile::kMostIdentifiers) minors.resize(Profile::kMostIdentifiers);
      index.add(shopper, profile_of(minors));
      model.add(shopper, minors);
      here.emplace(shopper, std::move(minors));
    }
    model.check(index, pool);
  }
}

Profile consenting(WallTime from, std::optional<WallTime> until) {
  Profile profile = profile_of({7});
  profile.consents = {{Purpose::welcome, from, until, "", ""}};
  return profile;
}

Found found_at(const Profile& profile, WallTime now) {
  IdentityIndex index;
  index.add(1, profile);
  return index.find(key(7), now).found;
}

}  // namespace

TEST_CASE("the index agrees with a plain multimap while shoppers quarrel over few identifiers") {
  REQUIRE(rc::check([] { come_and_go(6, 5); }));
}

TEST_CASE("the index agrees with a plain multimap while it grows and shrinks") {
  REQUIRE(rc::check([] { come_and_go(300, 60); }));
}

TEST_CASE("an empty index knows nobody") {
  CHECK(IdentityIndex{}.find(key(1), kNow).found == Found::unknown);
}

TEST_CASE("an identifier that three shoppers claim matches the last of them who does not let go") {
  IdentityIndex index;
  for (const ShopperNumber shopper : {1U, 2U, 3U}) index.add(shopper, profile_of({7}));
  CHECK(index.find(key(7), kNow).found == Found::contested);
  index.remove(1, profile_of({7}));
  CHECK(index.find(key(7), kNow).found == Found::contested);
  index.remove(2, profile_of({7}));
  CHECK(index.find(key(7), kNow).found == Found::match);
  CHECK(index.find(key(7), kNow).shopper == 3);
  CHECK(index.contested() == 0);
  index.remove(3, profile_of({7}));
  CHECK(index.find(key(7), kNow).found == Found::unknown);
  CHECK(index.size() == 0);
}

TEST_CASE("whoever claims an identifier twice still has one claim") {
  IdentityIndex index;
  index.add(1, profile_of({7}));
  index.add(2, profile_of({7, 7}));
  index.remove(1, profile_of({7}));
  CHECK(index.find(key(7), kNow).found == Found::match);
  CHECK(index.find(key(7), kNow).shopper == 2);
}

TEST_CASE("a quarrel leaves the other identifiers of both shoppers alone") {
  IdentityIndex index;
  index.add(1, profile_of({6, 7}));
  index.add(2, profile_of({7, 8}));
  CHECK(index.find(key(6), kNow).shopper == 1);
  CHECK(index.find(key(7), kNow).found == Found::contested);
  CHECK(index.find(key(8), kNow).shopper == 2);
}

TEST_CASE("a shopper is matched from the instant of consent to that of its end") {
  const Profile profile = consenting(kNow, kNow + 1h);
  CHECK(found_at(profile, kNow - 1us) == Found::no_live_consent);
  CHECK(found_at(profile, kNow) == Found::match);
  CHECK(found_at(profile, kNow + 1h - 1us) == Found::match);
  CHECK(found_at(profile, kNow + 1h) == Found::no_live_consent);
}

TEST_CASE("a consent that ends within a second is not cut short") {
  CHECK(found_at(consenting(kNow, kNow + 500ms), kNow + 499ms) == Found::match);
}

TEST_CASE("several consents make one span, and one without an end never ends") {
  Profile profile = consenting(kNow, kNow + 1h);
  profile.consents.push_back({Purpose::survey, kNow + 2h, kNow + 3h, "", ""});
  CHECK(found_at(profile, kNow + 2h) == Found::match);
  CHECK(found_at(profile, kNow + 3h) == Found::no_live_consent);
  profile.consents.push_back({Purpose::assist, kNow - 1h, std::nullopt, "", ""});
  CHECK(found_at(profile, kNow - 1h) == Found::match);
  CHECK(found_at(profile, kNow + std::chrono::years{70}) == Found::match);
}

TEST_CASE("who gave no consent is not matched") {
  Profile profile = profile_of({7});
  profile.consents.clear();
  CHECK(found_at(profile, kNow) == Found::no_live_consent);
}

TEST_CASE("staff are recognised as such, and their number is not given") {
  Profile profile = profile_of({7});
  profile.staff = true;
  IdentityIndex index;
  index.add(5, profile);
  CHECK(index.find(key(7), kNow).found == Found::staff);
}

TEST_CASE("each static identifier of a profile is found, rotating ones are not for the index") {
  Profile profile = profile_of({7});
  AltBeaconIdentifier altbeacon{280, {1, 2, 3}};
  EddystoneUidIdentifier uid{{4, 5}, {6}};
  const Address address{{0xC0, 1, 2, 3, 4, 5}, AddressType::random_static};
  profile.identifiers.emplace_back(altbeacon);
  profile.identifiers.emplace_back(uid);
  profile.identifiers.emplace_back(AddressIdentifier{address});
  profile.identifiers.emplace_back(IrkIdentifier{});
  profile.identifiers.emplace_back(EddystoneEidIdentifier{});
  profile.identifiers.emplace_back(RollingTokenIdentifier{});
  IdentityIndex index;
  index.add(9, profile);
  CHECK(index.size() == 4);
  for (const Identifier& one : {key(7), identifier_of(AltBeacon{280, altbeacon.id, 0, 0}),
                                identifier_of(EddystoneUid{uid.name_space, uid.instance, 0}), identifier_of(address)})
    CHECK(index.find(one, kNow).shopper == 9);
}
