#include "core/identity/recogniser.hpp"

#include <rapidcheck.h>

#include <algorithm>

#include "core/identity/rotating_codes.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;
using Found = Recognition::Found;

namespace {

constexpr WallTime kNow = std::chrono::sys_days{2026y / 11 / 22} + 3h;
constexpr Uuid kOurs{0x5A};
constexpr Uuid kForeign{0x99};
constexpr Uuid kService{0x77, 0x01};
constexpr Address kTag{{0xC0, 0, 0, 0, 0, 1}, AddressType::random_static};
constexpr Address kPhone{{0x4F, 0, 0, 0, 0, 2}, AddressType::random_non_resolvable};
constexpr std::uint32_t kPeriod = 900;
constexpr Key128 kSecret{9, 8, 7};

using Octets = std::vector<std::uint8_t>;

Octets structure(std::uint8_t type, std::initializer_list<Octets> parts) {
  Octets data;
  for (const Octets& part : parts) data.insert(data.end(), part.begin(), part.end());
  data.insert(data.begin(), {static_cast<std::uint8_t>(data.size() + 1), type});
  return data;
}
Octets on_air(const Uuid& uuid) {
  return {uuid.rbegin(), uuid.rend()};
}
Octets ibeacon(std::uint16_t minor, const Uuid& uuid = kOurs) {
  return structure(0xFF, {{0x4C, 0x00, 0x02, 0x15},
                          {uuid.begin(), uuid.end()},
                          {0, 1, static_cast<std::uint8_t>(minor >> 8), static_cast<std::uint8_t>(minor), 0xC5}});
}
Octets token_data(const RollingToken& token, const Uuid& service = kService) {
  return structure(0x21, {on_air(service), {token.begin(), token.begin() + 8}});
}
Octets token_uuid(const RollingToken& token) {
  return structure(0x07, {on_air(token)});
}
Octets eid(const EphemeralId& id) {
  return structure(0x16, {{0xAA, 0xFE, 0x30, 0xEC}, {id.begin(), id.end()}});
}

Advertisement heard(const Octets& data, WallTime at = kNow, const Address& address = kPhone) {
  Advertisement result;
  result.address = address;
  result.rssi_dbm = -60;
  result.payload = Payload{data};
  result.instant = capture_instant(at);
  return result;
}

Identity shopper(ShopperNumber number, std::vector<ProfileIdentifier> identifiers, bool staff = false) {
  return {number, staff, std::move(identifiers), {}};
}

Key128 day_key(std::uint8_t seed) {
  return {seed, 1, 2, 3};
}
// Keys of yesterday, today and tomorrow.
RollingTokenIdentifier token_of(std::uint8_t seed) {
  RollingTokenIdentifier token{kService, kPeriod, {}};
  const auto today = std::chrono::floor<std::chrono::days>(kNow);
  for (int day = -1; day <= 1; ++day)
    token.day_keys.push_back({today + std::chrono::days{day}, day_key(static_cast<std::uint8_t>(seed + day))});
  return token;
}
RollingToken token_at(const RollingTokenIdentifier& token, WallTime at, int periods = 0) {
  const std::int64_t number = rolling_token_number(at, kPeriod) + periods;
  const auto key =
      std::ranges::find(token.day_keys, rolling_token_day(number, kPeriod), &RollingTokenIdentifier::DayKey::day);
  return rolling_token(key->key, number);
}

constexpr Key128 kIdentityKey{0x11, 0x22, 0x33};
constexpr std::int64_t kOffset = 1'760'000'000;
constexpr std::uint8_t kExponent = 10;
constexpr auto kRotation = std::chrono::seconds{1 << kExponent};
EddystoneEidIdentifier eid_identity() {
  return {kIdentityKey, std::nullopt, kExponent, kOffset};
}
EphemeralId eid_at(WallTime at, std::chrono::seconds ahead = 0s) {
  const auto counter = static_cast<std::uint32_t>(
      std::chrono::floor<std::chrono::seconds>(at + ahead).time_since_epoch().count() - kOffset);
  return eddystone_ephemeral_id(eddystone_temporary_key(kIdentityKey, counter), kExponent, counter);
}

// A recogniser that knows these from kNow on.
struct Known : Recogniser {
  Known(std::initializer_list<Identity> identities, IdentityRules rules = {{kOurs}, {kService}})
      : Recogniser(std::move(rules), kSecret) {
    for (const Identity& one : identities) add(one, kNow);
  }
};

Recognition match(ShopperNumber number, Assurance assurance = Assurance::fixed) {
  return {Found::match, number, assurance};
}

}  // namespace

TEST_CASE("a lasting identifier is its shopper and can be copied; what nobody holds is a stranger's") {
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
  for (std::uint16_t i = 1; i <= 100; ++i) shop.add(shopper(i, {IBeaconIdentifier{kOurs, 1, i}}), kNow);
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

TEST_CASE("a rolling token is known from one period early to one period late, in service data and as a UUID") {
  const RollingTokenIdentifier token = token_of(50);
  Known shop({shopper(1, {token})});
  for (const int periods : {-1, 0, 1}) {
    const RollingToken heard_token = token_at(token, kNow, periods);
    CHECK(shop.recognise(heard(token_data(heard_token))) == match(1, Assurance::rotating));
    CHECK(shop.recognise(heard(token_uuid(heard_token))) == match(1, Assurance::rotating));
  }
  for (const int periods : {-3, -2, 2, 3}) {
    CHECK(shop.recognise(heard(token_data(token_at(token, kNow, periods)))).found == Found::unknown);
    CHECK(shop.recognise(heard(token_uuid(token_at(token, kNow, periods)))).found == Found::unknown);
  }
}

TEST_CASE("a token counts under its own service and whole") {
  const RollingTokenIdentifier token = token_of(50);
  Known shop({shopper(1, {token})}, {{}, {kService, kForeign}});
  RollingToken other = token_at(token, kNow);
  CHECK(shop.recognise(heard(token_data(other, kForeign))).found == Found::unknown);
  other[15] ^= 1;
  CHECK(shop.recognise(heard(token_uuid(other))).found == Found::unknown);
  CHECK(shop.recognise(heard(token_data(other))) == match(1, Assurance::rotating));
}

TEST_CASE("a service that only a profile names is listened to") {
  const RollingTokenIdentifier token = token_of(50);
  Known shop({shopper(1, {token})}, {});
  CHECK(shop.recognise(heard(token_data(token_at(token, kNow)))) == match(1, Assurance::rotating));
}

TEST_CASE("what was recorded is no key for later: a replay ends with its window, repeats included") {
  const RollingTokenIdentifier token = token_of(50);
  Known shop({shopper(1, {token})});
  const Octets recorded = token_data(token_at(token, kNow));
  // kNow is the beginning of a period: the window of this token ends two periods later.
  const WallTime end = kNow + 2 * std::chrono::seconds{kPeriod};
  for (WallTime at = kNow; at < end; at += 7s)
    REQUIRE(shop.recognise(heard(recorded, at)) == match(1, Assurance::rotating));
  CHECK(shop.recognise(heard(recorded, end - 1s)) == match(1, Assurance::rotating));
  for (WallTime at = end; at < end + 1h; at += 7s) REQUIRE(shop.recognise(heard(recorded, at)).found == Found::unknown);
}

TEST_CASE("tokens roll on over midnight with the keys of each day, and stop where no key is held") {
  const RollingTokenIdentifier token = token_of(50);
  Known shop({shopper(1, {token}), shopper(2, {token_of(90)})});
  const WallTime last = std::chrono::floor<std::chrono::days>(kNow) + 48h;
  for (WallTime at = kNow; at < last; at += 60s) {
    REQUIRE(shop.recognise(heard(token_data(token_at(token, at)), at)) == match(1, Assurance::rotating));
    REQUIRE(shop.recognise(heard(token_data(token_at(token_of(90), at)), at)) == match(2, Assurance::rotating));
  }
  CHECK(shop.recognise(heard(token_data(token_at(token, last - 1s)), last + 1h)).found == Found::unknown);
}

TEST_CASE("a clock that jumps, either way, leaves the right window") {
  const RollingTokenIdentifier token = token_of(50);
  Known shop({shopper(1, {token})});
  for (const auto jump : {0h, 20h, -5h, 1h, 30h, 2h}) {
    const WallTime at = kNow + jump;
    INFO(jump.count());
    CHECK(shop.recognise(heard(token_data(token_at(token, at)), at)) == match(1, Assurance::rotating));
  }
}

TEST_CASE("a shopper who goes takes all her codes along, today's and those ahead") {
  const RollingTokenIdentifier token = token_of(50);
  const Identity identity = shopper(1, {token, eid_identity(), IrkIdentifier{{1, 2, 3}}});
  Known shop({identity});
  CHECK(shop.size() == 3);
  shop.advance(kNow + 20min);
  shop.remove(identity);
  CHECK(shop.size() == 0);
  for (const int periods : {-1, 0, 1, 2, 3}) {
    const WallTime at = kNow + 20min;
    CHECK(shop.recognise(heard(token_data(token_at(token, at, periods)), at)).found == Found::unknown);
  }
  CHECK(shop.recognise(heard(eid(eid_at(kNow + 20min)), kNow + 20min)).found == Found::unknown);
}

TEST_CASE("a token of two shoppers is nobody's") {
  const RollingTokenIdentifier token = token_of(50);
  const Identity other = shopper(2, {token});
  Known shop({shopper(1, {token}), other});
  CHECK(shop.contested() == 1);
  CHECK(shop.recognise(heard(token_data(token_at(token, kNow)))).found == Found::contested);
  shop.remove(other);
  CHECK(shop.contested() == 0);
  CHECK(shop.recognise(heard(token_data(token_at(token, kNow)))) == match(1, Assurance::rotating));
}

TEST_CASE("an EID is known in the rotation before, its own and the next, from either key") {
  EddystoneEidIdentifier temporary = eid_identity();
  const std::int64_t counter = std::chrono::floor<std::chrono::seconds>(kNow).time_since_epoch().count() - kOffset;
  temporary.temporary_key_from = kOffset + counter / 65536 * 65536;
  temporary.key = eddystone_temporary_key(kIdentityKey, static_cast<std::uint32_t>(counter));
  for (const EddystoneEidIdentifier& identifier : {eid_identity(), temporary}) {
    for (const int rotations : {-2, -1, 0, 1, 2}) {
      Known shop({shopper(1, {identifier})});
      const Recognition answer = shop.recognise(heard(eid(eid_at(kNow, rotations * kRotation))));
      INFO(rotations);
      if (std::abs(rotations) <= 1) CHECK(answer == match(1, Assurance::rotating));
      if (std::abs(rotations) > 1) CHECK(answer.found == Found::unknown);
    }
  }
}

TEST_CASE("a temporary key ends with its 65 536 seconds") {
  EddystoneEidIdentifier temporary = eid_identity();
  const std::int64_t counter = std::chrono::floor<std::chrono::seconds>(kNow).time_since_epoch().count() - kOffset;
  const std::int64_t from = kOffset + counter / 65536 * 65536;
  temporary.temporary_key_from = from;
  temporary.key = eddystone_temporary_key(kIdentityKey, static_cast<std::uint32_t>(counter));
  Known shop({shopper(1, {temporary})});
  const WallTime end{std::chrono::seconds{from + 65536}};
  CHECK(shop.recognise(heard(eid(eid_at(end - 1s)), end - 1s)) == match(1, Assurance::rotating));
  CHECK(shop.recognise(heard(eid(eid_at(end + 1s)), end + 1s)).found == Found::unknown);
}

TEST_CASE("a beacon's drifting clock is learnt, so that it is still known years later") {
  Known shop({shopper(1, {eid_identity()})});
  constexpr double kDrift = 100e-6;
  int learnt = 0;
  for (auto since = 0h; since < 24h * 365 * 3; since += 5h) {
    const WallTime at = kNow + since;
    const std::chrono::seconds ahead{static_cast<std::int64_t>(std::chrono::duration<double>(since).count() * kDrift)};
    REQUIRE(shop.recognise(heard(eid(eid_at(at, ahead)), at)) == match(1, Assurance::rotating));
    learnt += static_cast<int>(shop.take_learnt().size());
  }
  CHECK(learnt > 100);
}

TEST_CASE("what was learnt of a clock outlives a restart") {
  Known before({shopper(1, {eid_identity()})});
  CHECK(before.recognise(heard(eid(eid_at(kNow, kRotation)))) == match(1, Assurance::rotating));
  const auto learnt = before.take_learnt();
  REQUIRE(learnt.size() == 1);
  CHECK(learnt[0].first == 1);
  Identity identity = shopper(1, {eid_identity()});
  identity.corrections = {learnt[0].second};
  Known after({identity});
  CHECK(after.recognise(heard(eid(eid_at(kNow, 2 * kRotation)))) == match(1, Assurance::rotating));
  CHECK(before.recognise(heard(eid(eid_at(kNow, 2 * kRotation)))) == match(1, Assurance::rotating));
}

TEST_CASE("a replayed EID cannot pull the window along") {
  Known shop({shopper(1, {eid_identity()})});
  const Octets recorded = eid(eid_at(kNow));
  int matches = 0;
  for (auto since = 0s; since < 24h; since += 10s)
    if (shop.recognise(heard(recorded, kNow + since)).found == Found::match) ++matches;
  CHECK(matches * 10s <= 3 * kRotation + 10s);  // its own window, and one rotation for a clock never heard before
  CHECK(shop.recognise(heard(eid(eid_at(kNow + 24h)), kNow + 24h)) == match(1, Assurance::rotating));
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
