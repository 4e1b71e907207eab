#include <rapidcheck.h>

#include "tests/catch.hpp"
#include "tests/unit/core/identity/devices.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway::devices;

TEST_CASE("a lasting identifier is its shopper and can be copied, and what nobody holds is a stranger's") {
  Known shop({shopper(1, {IBeaconIdentifier{kOurs, 1, 1}}), shopper(3, {AddressIdentifier{kTag}})});
  CHECK(shop.recognise(heard(ibeacon(1))) == match(1));
  CHECK(shop.recognise(heard({}, kNow, kTag)) == match(3));
  CHECK(shop.recognise(heard(ibeacon(7))).found == Found::unknown);
  CHECK(shop.recognise(heard({0x02, 0x01, 0x06})).found == Found::no_beacon);
  CHECK(shop.recognise(heard({0x09, 0x01})).found == Found::malformed);
}

TEST_CASE("the first frame that is known wins, and a frame goes before the address it came from") {
  Known shop({shopper(1, {IBeaconIdentifier{kOurs, 1, 1}}), shopper(2, {IBeaconIdentifier{kOurs, 1, 2}}),
              shopper(3, {AddressIdentifier{kTag}})});
  Octets both = ibeacon(2);
  const Octets first = ibeacon(1);
  both.insert(both.end(), first.begin(), first.end());
  CHECK(shop.recognise(heard(both)) == match(2));
  CHECK(shop.recognise(heard(ibeacon(1), kNow, kTag)) == match(1));
  CHECK(shop.recognise(heard(ibeacon(7), kNow, kTag)) == match(3));
}

TEST_CASE("an address of the same octets and another type is another address") {
  Known shop({shopper(3, {AddressIdentifier{kTag}})});
  for (const AddressType type :
       {AddressType::random_resolvable, AddressType::random_non_resolvable, AddressType::public_address})
    CHECK(shop.recognise(heard({}, kNow, {kTag.octets, type})).found == Found::no_beacon);
}

TEST_CASE("an iBeacon of a foreign UUID is not looked up, until the rules say so") {
  Known shop({shopper(4, {IBeaconIdentifier{kForeign, 1, 1}})});
  CHECK(shop.recognise(heard(ibeacon(1, kForeign))).found == Found::unknown);
  shop.set_rules({});
  CHECK(shop.recognise(heard(ibeacon(1, kForeign))) == match(4));
}

TEST_CASE("what two shoppers claim is nobody's until one of them lets go") {
  const Identity one = shopper(1, {IBeaconIdentifier{kOurs, 1, 5}});
  const Identity other = shopper(2, {IBeaconIdentifier{kOurs, 1, 5}, IBeaconIdentifier{kOurs, 1, 5}});
  Known shop({one, other});
  CHECK(shop.contested() == 1);
  CHECK(shop.recognise(heard(ibeacon(5))).found == Found::contested);
  shop.remove(one);
  CHECK(shop.contested() == 0);
  CHECK(shop.recognise(heard(ibeacon(5))) == match(2));
  shop.remove(other);
  CHECK(shop.recognise(heard(ibeacon(5))).found == Found::unknown);
  CHECK(shop.size() == 0);
}

TEST_CASE("staff are told from strangers, and lose to a shopper") {
  Known shop({shopper(1, {IBeaconIdentifier{kOurs, 1, 1}}, true), shopper(3, {AddressIdentifier{kTag}})});
  CHECK(shop.recognise(heard(ibeacon(1))).found == Found::staff);
  CHECK(shop.recognise(heard(ibeacon(1), kNow, kTag)) == match(3));
}

TEST_CASE("a repeat is answered as before, and a profile that comes, changes or goes counts at once") {
  Known shop({});
  CHECK(shop.recognise(heard(ibeacon(1))).found == Found::unknown);
  const Identity identity = shopper(1, {IBeaconIdentifier{kOurs, 1, 1}});
  shop.add(identity, kNow);
  CHECK(shop.recognise(heard(ibeacon(1))) == match(1));
  CHECK(shop.recognise(heard(ibeacon(1))) == match(1));
  shop.remove(identity);
  CHECK(shop.recognise(heard(ibeacon(1))).found == Found::unknown);
  shop.add(identity, kNow);
  shop.clear();
  CHECK(shop.recognise(heard(ibeacon(1))).found == Found::unknown);
  CHECK(shop.size() == 0);
}

TEST_CASE("giving back room changes no answer, and takes octets from what is left over") {
  const RollingTokenIdentifier token = token_of(50);
  Known shop({});
  for (std::uint16_t i = 1; i <= 200; ++i) shop.add(shopper(i, {IBeaconIdentifier{kOurs, 1, i}}), kNow);
  for (std::uint16_t i = 101; i <= 200; ++i) shop.remove(shopper(i, {IBeaconIdentifier{kOurs, 1, i}}));
  shop.add(shopper(101, {token}), kNow);
  shop.add(shopper(102, {eid_identity(), AddressIdentifier{kTag}}), kNow);
  const std::size_t before = shop.memory();
  shop.shrink_to_fit();
  CHECK(shop.memory() < before);
  CHECK(shop.recognise(heard(ibeacon(100))) == match(100));
  CHECK(shop.recognise(heard(token_data(token_at(token, kNow)))) == match(101, Assurance::rotating));
  CHECK(shop.recognise(heard(eid(eid_at(kNow)))) == match(102, Assurance::rotating));
  CHECK(shop.recognise(heard({}, kNow, kTag)) == match(102));
}

TEST_CASE("a kind of identifier is looked up while one of it is held, not longer") {
  const Identity identity =
      shopper(1, {IBeaconIdentifier{kOurs, 1, 1}, IBeaconIdentifier{kOurs, 1, 2}, AddressIdentifier{kTag}});
  Known shop({identity, shopper(2, {IBeaconIdentifier{kOurs, 1, 3}})});
  CHECK(shop.size() == 4);
  shop.remove(identity);
  CHECK(shop.size() == 1);
  CHECK(shop.recognise(heard(ibeacon(3))) == match(2));
  shop.add(identity, kNow);
  CHECK(shop.recognise(heard(ibeacon(2))) == match(1));
  CHECK(shop.recognise(heard({}, kNow, kTag)) == match(1));
}

namespace {

Address resolvable(const Key128& irk, std::uint32_t random) {
  const std::uint32_t prand = (random & 0x3FFFFFU) | 0x400000U;
  const std::uint32_t hash = address_hash(irk, prand);
  Address address{{}, AddressType::random_resolvable};
  for (std::size_t i = 0; i < 3; ++i) {
    address.octets[i] = static_cast<std::uint8_t>(prand >> (16 - 8 * i));
    address.octets[3 + i] = static_cast<std::uint8_t>(hash >> (16 - 8 * i));
  }
  return address;
}

}  // namespace

TEST_CASE("a resolvable address is its IRK's, of one shopper only, and can be copied") {
  const Key128 key{0xEC, 0x02};
  const Identity one = shopper(1, {IrkIdentifier{key}});
  const Identity same = shopper(2, {IrkIdentifier{key}});
  Known shop({one, shopper(5, {IrkIdentifier{{7}}})});
  CHECK(shop.recognise(heard({}, kNow, resolvable(key, 0x123456))) == match(1));
  CHECK(shop.recognise(heard({}, kNow, resolvable({7}, 0x123456))) == match(5));
  CHECK(shop.recognise(heard({}, kNow, resolvable({8}, 0x123456))).found == Found::no_beacon);
  shop.add(same, kNow);
  CHECK(shop.recognise(heard({}, kNow, resolvable(key, 0x123456))).found == Found::contested);
  shop.remove(one);
  CHECK(shop.recognise(heard({}, kNow, resolvable(key, 0x123456))) == match(2));
  shop.remove(same);
  CHECK(shop.recognise(heard({}, kNow, resolvable(key, 0x123456))).found == Found::no_beacon);
  CHECK(shop.recognise(heard({}, kNow, resolvable({7}, 0x123456))) == match(5));
}

TEST_CASE("IRKs beyond the bound are not taken, and are counted") {
  IdentityRules rules;
  rules.most_irks = 2;
  Known shop({}, rules);
  for (std::uint8_t i = 1; i <= 3; ++i) shop.add(shopper(i, {IrkIdentifier{{i}}}), kNow);
  CHECK(shop.irks() == 2);
  CHECK(shop.irks_refused() == 1);
  CHECK(shop.recognise(heard({}, kNow, resolvable({2}, 5))) == match(2));
  CHECK(shop.recognise(heard({}, kNow, resolvable({3}, 5))).found == Found::no_beacon);
  SECTION("when one goes, another takes its place") {
    shop.remove(shopper(1, {IrkIdentifier{{1}}}));
    CHECK(shop.irks_refused() == 0);
    CHECK(shop.recognise(heard({}, kNow, resolvable({3}, 5))) == match(3));
  }
  SECTION("when the bound changes, at once") {
    rules.most_irks = 3;
    shop.set_rules(rules);
    CHECK(shop.recognise(heard({}, kNow, resolvable({3}, 5))) == match(3));
    rules.most_irks = 1;
    shop.set_rules(rules);
    CHECK(shop.recognise(heard({}, kNow, resolvable({2}, 5))).found == Found::no_beacon);
    CHECK(shop.irks_refused() == 2);
  }
}

TEST_CASE("an address that three IRKs may have made is nobody's, though the first two are of one shopper") {
  const Key128 key{0xEC, 0x02};
  Known shop({shopper(1, {IrkIdentifier{key}, IrkIdentifier{key}}), shopper(2, {IrkIdentifier{key}})});
  CHECK(shop.recognise(heard({}, kNow, resolvable(key, 5))).found == Found::contested);
}

TEST_CASE("an identity that is taken out twice leaves the others alone") {
  const Identity one = shopper(1, {IBeaconIdentifier{kOurs, 1, 1}});
  Known shop({one, shopper(2, {IBeaconIdentifier{kOurs, 1, 2}})});
  shop.remove(one);
  shop.remove(one);
  CHECK(shop.size() == 1);
  CHECK(shop.recognise(heard(ibeacon(2))) == match(2));
}

TEST_CASE("an identifier in every profile is nobody's, and costs no more with each") {
  Known shop({});
  for (ShopperNumber number = 1; number <= 20'000; ++number)
    shop.add(shopper(number, {IBeaconIdentifier{kOurs, 1, 5}, token_of(50)}), kNow);
  CHECK(shop.recognise(heard(ibeacon(5))).found == Found::contested);
  CHECK(shop.recognise(heard(token_data(token_at(token_of(50), kNow)))).found == Found::contested);
  for (ShopperNumber number = 1; number <= 20'000; ++number)
    shop.remove(shopper(number, {IBeaconIdentifier{kOurs, 1, 5}, token_of(50)}));
  CHECK(shop.recognise(heard(ibeacon(7))).found == Found::unknown);
  CHECK(shop.size() == 0);
}

TEST_CASE("strangers take no room") {
  Known shop({shopper(1, {IBeaconIdentifier{kOurs, 1, 1}, IrkIdentifier{{1}}})});
  const std::size_t before = shop.memory();
  for (std::uint32_t i = 0; i < 50'000; ++i) (void)shop.recognise(heard(ibeacon(7), kNow, resolvable({9}, i)));
  CHECK(shop.memory() == before);
  CHECK(shop.recognise(heard(ibeacon(1))) == match(1));
}
