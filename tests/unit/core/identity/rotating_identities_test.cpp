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
