#include <cstring>
#include <optional>
#include <unordered_map>

#include "tests/catch.hpp"
#include "tests/unit/core/identity/devices.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway::devices;

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

TEST_CASE("a token is known the instant its window begins, wherever the sweep stands") {
  constexpr std::uint8_t kShoppers = 24;
  constexpr auto kNotUsuallyCalled = 400ms;  // more than often enough, and never on a boundary
  Known shop({});
  std::vector<RollingTokenIdentifier> tokens;
  for (std::uint8_t i = 0; i < kShoppers; ++i) {
    tokens.push_back(token_of(static_cast<std::uint8_t>(10 * i + 1)));
    shop.add(shopper(i + 1U, {tokens.back()}), kNow);
  }
  constexpr auto kPeriods = std::chrono::seconds{3 * kPeriod};
  for (WallTime now = kNow; now < kNow + kPeriods; now += kNotUsuallyCalled) {
    shop.advance(now);
    const auto into = (now - kNow) % std::chrono::seconds{kPeriod};
    if (into > kNotUsuallyCalled) continue;
    for (std::uint32_t i = 0; i < kShoppers; ++i)
      for (const int period : {-1, 1})
        REQUIRE(shop.recognise(heard(token_data(token_at(tokens[i], now, period)), now)) ==
                match(i + 1, Assurance::rotating));
  }
}

TEST_CASE("two shoppers whose codes have the same hash by chance are told apart, and nobody takes the other's") {
  const auto today = std::chrono::floor<std::chrono::days>(kNow);
  const auto token_of_number = [&](std::uint32_t number) {
    Key128 key{};
    std::memcpy(key.data(), &number, sizeof number);
    return RollingTokenIdentifier{kService, kPeriod, {{today, key}}};
  };
  // As the table computes it. Among so many, four pairs are to be expected.
  const CodeHasher hasher{Fingerprinter{kSecret}};
  std::unordered_map<CodeTable::Hash, std::uint32_t> seen;
  std::optional<std::pair<RollingTokenIdentifier, RollingTokenIdentifier>> twins;
  for (std::uint32_t number = 0; !twins && number < 1'000'000; ++number) {
    const RollingToken code = token_at(token_of_number(number), kNow);
    const auto [first, is_new] = seen.try_emplace(hasher(code), number);
    if (!is_new) twins = {token_of_number(first->second), token_of_number(number)};
  }
  REQUIRE(twins);
  const Identity one = shopper(1, {twins->first});
  const Identity other = shopper(2, {twins->second});
  const Advertisement of_one = heard(token_data(token_at(twins->first, kNow)));
  const Advertisement of_other = heard(token_data(token_at(twins->second, kNow)));

  Known shop({one});
  CHECK(shop.recognise(of_other).found == Found::unknown);
  shop.add(other, kNow);
  CHECK(shop.contested() == 0);
  CHECK(shop.recognise(of_one) == match(1, Assurance::rotating));
  CHECK(shop.recognise(of_other) == match(2, Assurance::rotating));
  shop.remove(one);
  CHECK(shop.recognise(of_one).found == Found::unknown);
  CHECK(shop.recognise(of_other) == match(2, Assurance::rotating));
}

TEST_CASE("a token with a month of day keys is known on each of its days, is one identity, and goes whole") {
  constexpr int kDays = 32;
  const auto today = std::chrono::floor<std::chrono::days>(kNow);
  RollingTokenIdentifier token{kService, kPeriod, {}};
  for (int day = 0; day < kDays; ++day)
    token.day_keys.push_back({today + std::chrono::days{day}, day_key(static_cast<std::uint8_t>(day))});
  const Identity identity = shopper(1, {token});
  Known shop({identity});
  CHECK(shop.size() == 1);
  for (WallTime at = kNow; at < today + std::chrono::days{kDays} - 1h; at += 5h)
    REQUIRE(shop.recognise(heard(token_data(token_at(token, at)), at)) == match(1, Assurance::rotating));
  shop.remove(identity);
  CHECK(shop.size() == 0);
  for (WallTime at = kNow; at < today + std::chrono::days{kDays} - 1h; at += 5h)
    REQUIRE(shop.recognise(heard(token_data(token_at(token, at)), at)).found == Found::unknown);
}

TEST_CASE("an EID's clock counts modulo 2^32, wherever its profile says it began") {
  for (const std::int64_t turns : {-1, 1, 5}) {
    EddystoneEidIdentifier identifier = eid_identity();
    identifier.clock_offset_s += turns << 32U;
    for (const int rotations : {-2, -1, 0, 1, 2}) {
      Known shop({shopper(1, {identifier})});
      const Found expected = std::abs(rotations) <= 1 ? Found::match : Found::unknown;
      CHECK(shop.recognise(heard(eid(eid_at(kNow, rotations * kRotation)))).found == expected);
    }
  }
}

TEST_CASE("a code that a dozen shoppers share is nobody's, however many of them go") {
  const RollingTokenIdentifier token = token_of(50);
  Known shop({});
  for (ShopperNumber number = 1; number <= 12; ++number) shop.add(shopper(number, {token}), kNow);
  const Advertisement one = heard(token_data(token_at(token, kNow)));
  CHECK(shop.recognise(one).found == Found::contested);
  shop.remove(shopper(2, {token}));
  CHECK(shop.recognise(one).found == Found::contested);
  shop.remove(shopper(1, {token}));
  CHECK(shop.recognise(one).found == Found::contested);
}

TEST_CASE("a rotating identity takes at most 1.3 times its keys, its live codes and their values side by side") {
  constexpr std::uint32_t kShoppers = 2000;
  constexpr std::size_t kLive = 3 * (RotatingIdentities::kCodeSize + sizeof(CodeTable::Value));
  const std::size_t nobody = Known({}).memory();
  Known tokens({});
  Known beacons({});
  for (std::uint32_t number = 1; number <= kShoppers; ++number) {
    RollingTokenIdentifier token = token_of(50);
    EddystoneEidIdentifier beacon = eid_identity();
    for (auto& day : token.day_keys) std::memcpy(day.key.data() + 4, &number, sizeof number);
    std::memcpy(beacon.key.data() + 4, &number, sizeof number);
    tokens.add(shopper(number, {token}), kNow);
    beacons.add(shopper(number, {beacon}), kNow);
  }
  tokens.shrink_to_fit();
  beacons.shrink_to_fit();
  CHECK((tokens.memory() - nobody) * 10 <= kShoppers * (3 * (sizeof(Key128) + 4) + kLive) * 13);
  CHECK((beacons.memory() - nobody) * 10 <= kShoppers * (sizeof(Key128) + 8 + kLive) * 13);
}
