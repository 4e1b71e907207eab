#include "core/downlink.hpp"

#include <algorithm>

#include "gateway.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/simulation/mortal_stores.hpp"
#include "tests/unit/downlink_messages.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

Downlink withdrawals(std::int64_t revision, std::vector<std::uint16_t> numbers) {
  ProfilesMessage content{.revision = revision};
  for (const std::uint16_t number : numbers) content.withdrawals.push_back(shopper(number).shopper_id);
  return message(std::move(content));
}

Downlink part(std::int64_t revision, int part, int parts, std::vector<Profile> profiles) {
  return message({.revision = revision, .upserts = std::move(profiles), .full = true, .part = part, .parts = parts});
}

Profile newer(Profile profile, std::int64_t version) {
  profile.version = version;
  return profile;
}

// Which of the shoppers 1 to 9 are held.
std::vector<int> held(GatewayWorld& world) {
  std::vector<int> result;
  for (std::uint16_t number = 1; number < 10; ++number)
    if (world.profiles().version(shopper(number).shopper_id)) result.push_back(number);
  return result;
}

std::vector<OutboxRow> receipts(GatewayWorld& world) {
  std::vector<OutboxRow> rows = world.rows();
  std::erase_if(rows, [](const OutboxRow& row) { return row.type != "com.beacongateway.erasure.completed.v1"; });
  return rows;
}

}  // namespace

TEST_CASE("revisions are taken one after the other, and a shopper is known from her message on") {
  GatewayWorld world;
  world.gateway().take(upserts(1, {shopper(1)}));
  world.gateway().take(upserts(2, {shopper(2), shopper(3)}));
  CHECK(world.gateway().revision() == 2);
  CHECK(held(world) == std::vector{1, 2, 3});
  world.hear(entering(3));
  CHECK(world.gateway().open_visits() == 1);
  CHECK_FALSE(world.gateway().sync_wanted());
}

TEST_CASE("a gap: withdrawals count at once, upserts wait for what is missing, which is asked for") {
  GatewayWorld world;
  world.gateway().take(upserts(1, {shopper(1), shopper(2)}));
  Downlink gap = withdrawals(3, {1});
  std::get<ProfilesMessage>(gap.content).upserts = {shopper(3)};
  world.gateway().take(gap);
  CHECK(held(world) == std::vector{2});
  CHECK(world.gateway().revision() == 1);
  CHECK(world.gateway().sync_wanted());
  CHECK(world.counters()[Count::downlink_gaps] == 1);
  world.gateway().sync_sent();
  CHECK_FALSE(world.gateway().sync_wanted());
  world.gateway().take(upserts(2, {shopper(4)}));
  world.gateway().take(upserts(3, {shopper(3)}));
  CHECK(held(world) == std::vector{2, 3, 4});
  CHECK(world.gateway().revision() == 3);
}

TEST_CASE("what was dealt with before is passed over: a revision, or a sequence number of its topic") {
  GatewayWorld world;
  world.gateway().take(message({.revision = 1, .upserts = {shopper(1)}}, 7));
  world.gateway().take(message({.revision = 2, .upserts = {shopper(2)}}, 7));
  CHECK(held(world) == std::vector{1});
  world.gateway().take(message({.revision = 2, .upserts = {shopper(2)}}, 7, DownlinkTopic::store_profiles));
  CHECK(held(world) == std::vector{1, 2});
  world.gateway().take(message({.revision = 1, .upserts = {shopper(3)}}, 8));
  CHECK(held(world) == std::vector{1, 2});
  CHECK(world.counters()[Count::downlink_repeated] == 2);
}

TEST_CASE("campaigns are news until they were dealt with") {
  GatewayWorld world;
  const Downlink campaigns{DownlinkTopic::store_campaigns, SignedClaims{"key", 7, kMorning}, CampaignSet{1, "#"}, 100};
  CHECK(world.gateway().take(campaigns));
  CHECK(world.gateway().take(campaigns));  // the process died before it had put them in force
  world.gateway().dealt_with(campaigns);
  CHECK_FALSE(world.gateway().take(campaigns));
  CHECK(world.counters()[Count::downlink_repeated] == 1);
}

TEST_CASE("a withdrawal counts whatever its revision says, and a revision that goes back is asked about") {
  GatewayWorld world;
  world.gateway().take(part(9, 1, 1, {shopper(1), shopper(2)}));
  Downlink restored = withdrawals(3, {1});
  std::get<ProfilesMessage>(restored.content).upserts = {shopper(4)};
  world.gateway().take(restored);
  CHECK(held(world) == std::vector{2});
  CHECK(world.gateway().sync_wanted());
  CHECK(world.gateway().revision() == 9);
}

TEST_CASE("the first revision may be nought") {
  GatewayWorld world;
  world.gateway().take(upserts(0, {shopper(1)}));
  world.gateway().take(upserts(1, {shopper(2)}));
  CHECK(held(world) == std::vector{1, 2});
}

TEST_CASE("a person named twice in the withdrawals takes nobody else along") {
  GatewayWorld world;
  world.gateway().take(upserts(1, {shopper(1), shopper(2)}));
  world.gateway().take(withdrawals(2, {1, 1}));
  CHECK(held(world) == std::vector{2});
  world.hear(entering(2));
  CHECK(world.gateway().open_visits() == 1);
  CHECK(receipts(world).size() == 1);
}

TEST_CASE("a withdrawal that comes again changes nothing and is not receipted again") {
  GatewayWorld world;
  world.gateway().take(upserts(1, {shopper(1)}));
  world.gateway().take(withdrawals(3, {1}));
  world.silence_until(10s);
  world.gateway().take(withdrawals(3, {1}));
  CHECK(receipts(world).size() == 1);
  Profile again = newer(shopper(1), 4);
  again.consents.push_back({Purpose::welcome, kMorning + 5s, std::nullopt, "v2", "app"});
  world.gateway().take(part(4, 1, 1, {again}));
  CHECK(held(world) == std::vector{1});
}

TEST_CASE("a withdrawal counts from when it was said, so that a consent given after it, but before it came, is one") {
  GatewayWorld world;
  world.gateway().take(upserts(1, {shopper(1)}));
  world.silence_until(2h);
  Downlink late = withdrawals(2, {1});
  late.claims = SignedClaims{"key", 1, kMorning + 30min};
  world.gateway().take(late);
  Profile again = newer(shopper(1), 4);
  again.consents.push_back({Purpose::welcome, kMorning + 1h, std::nullopt, "v2", "app"});
  world.gateway().take(upserts(3, {again}));
  CHECK(held(world) == std::vector{1});
}

TEST_CASE("of whom a profile cannot be read nothing is believed any more, until one can, and what is held stays") {
  GatewayWorld world;
  world.gateway().take(upserts(1, {shopper(1), shopper(2)}));
  Downlink unreadable = upserts(2, {});
  if (GENERATE(true, false)) unreadable = part(2, 1, 1, {shopper(2)});
  std::get<ProfilesMessage>(unreadable.content).unreadable = {shopper(1).shopper_id};
  std::get<ProfilesMessage>(unreadable.content).faults = {"upserts[0].what: unknown field"};
  world.gateway().take(unreadable);
  CHECK(held(world) == std::vector{1, 2});
  world.hear(entering(1));
  CHECK(world.gateway().open_visits() == 0);
  CHECK(world.counters()[Count::dropped_no_live_consent] == 3);
  world.gateway().take(upserts(3, {newer(shopper(1), 2)}));
  world.hear(entering(1, 10s));
  CHECK(world.gateway().open_visits() == 1);
}

TEST_CASE("what is not signed vouches for no sequence number") {
  GatewayWorld world;
  Downlink unsigned_message = upserts(1, {shopper(1)});
  unsigned_message.claims = SignedClaims{"", 1'000'000, kMorning};
  world.gateway().take(unsigned_message);
  world.gateway().take(message({.revision = 2, .upserts = {shopper(2)}}, 5));
  CHECK(held(world) == std::vector{1, 2});
}

TEST_CASE("test profiles say so in their receipt, staff have none") {
  GatewayWorld world;
  Profile test = shopper(1);
  test.test = true;
  Profile staff = shopper(2);
  staff.staff = true;
  world.gateway().take(upserts(1, {test, staff}));
  world.gateway().take(withdrawals(2, {1, 2}));
  REQUIRE(receipts(world).size() == 1);
  CHECK(receipts(world)[0].payload.find(R"("test":true)") != std::string::npos);
}

TEST_CASE("a refused message changes nothing, and one for which there was no room is asked for again") {
  GatewayWorld world;
  world.gateway().take({DownlinkTopic::gateway_profiles, std::nullopt, DownlinkRefusal::bad_signature, 0});
  CHECK_FALSE(world.gateway().sync_wanted());
  world.gateway().take({DownlinkTopic::gateway_profiles, std::nullopt, DownlinkRefusal::overflow, 0});
  CHECK(world.gateway().sync_wanted());
  CHECK(world.counters()[Count::downlink_bad_signature] == 1);
  CHECK(world.counters()[Count::downlink_overflow] == 1);
  CHECK(world.counters()[Count::downlink_messages] == 0);
}

TEST_CASE("a full set serves when its last part is in, in any order, and who is not in it goes without a tombstone") {
  GatewayWorld world;
  world.gateway().take(upserts(1, {shopper(1), shopper(2)}));
  world.hear(entering(1));
  world.hear(entering(2, 3s));
  world.gateway().take(part(9, 2, 3, {newer(shopper(2), 5)}));
  world.gateway().take(part(9, 3, 3, {}));
  CHECK(held(world) == std::vector{1, 2});
  CHECK(world.gateway().revision() == 1);
  world.gateway().take(part(9, 1, 3, {shopper(3)}));
  CHECK(held(world) == std::vector{2, 3});
  CHECK(world.profiles().version(shopper(2).shopper_id) == 5);
  CHECK(world.gateway().revision() == 9);
  CHECK(world.gateway().open_visits() == 1);
  CHECK(receipts(world).empty());
  world.hear(entering(1, 10s));
  CHECK(world.gateway().open_visits() == 1);
  world.hear(entering(3, 20s));
  CHECK(world.gateway().open_visits() == 2);
  world.gateway().take(upserts(10, {shopper(1)}));
  CHECK(held(world) == std::vector{1, 2, 3});
}

TEST_CASE("a full set of an older revision does not roll back") {
  GatewayWorld world;
  world.gateway().take(part(9, 1, 1, {shopper(1)}));
  world.gateway().take(part(8, 1, 1, {shopper(2)}));
  CHECK(held(world) == std::vector{1});
  CHECK(world.gateway().revision() == 9);
}

TEST_CASE("a withdrawal ends the visit without an event, takes what waits, and is receipted") {
  GatewayWorld world;
  world.gateway().take(upserts(1, {shopper(1)}));
  world.hear(entering(1));
  REQUIRE(world.told().size() == 3);
  world.gateway().take(withdrawals(2, {1}));
  const auto rows = world.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].type == "com.beacongateway.erasure.completed.v1");
  CHECK_FALSE(rows[0].purpose);
  const GatewayName name{"acme", "s-1", "gw-1"};
  const ShopperId subject = erasure_subject(name, shopper(1).shopper_id);
  CHECK(rows[0].shopper_id == subject);
  CHECK(field(rows[0].payload, "subject") == subject.value());
  CHECK(field(rows[0].payload, "proof") == erasure_proof(subject, 1, kMorning + 2s));
  CHECK(world.gateway().open_visits() == 0);
  CHECK(world.decisions(1).empty());
  world.hear(entering(1, 10s));
  CHECK(world.rows().size() == 1);
}

TEST_CASE("who was never held is receipted too: the orchestrator asked") {
  GatewayWorld world;
  world.gateway().take(withdrawals(1, {8}));
  REQUIRE(receipts(world).size() == 1);
  const ShopperId subject = erasure_subject({"acme", "s-1", "gw-1"}, shopper(8).shopper_id);
  CHECK(field(receipts(world)[0].payload, "proof") == erasure_proof(subject, 0, kMorning));
}

TEST_CASE("a late copy does not bring an erased person back, but her new consent does") {
  GatewayWorld world;
  world.gateway().take(upserts(1, {shopper(1), shopper(2)}));
  SECTION("erased on site") {
    CHECK(world.gateway().erase(shopper(1).shopper_id));
  }
  SECTION("withdrawn by the orchestrator") {
    world.gateway().take(withdrawals(2, {1}));
  }
  const std::int64_t revision = world.gateway().revision();
  world.gateway().take(upserts(revision + 1, {newer(shopper(1), 9)}));
  CHECK(held(world) == std::vector{2});
  world.gateway().take(part(revision + 2, 1, 1, {newer(shopper(1), 10), shopper(2)}));
  CHECK(held(world) == std::vector{2});
  CHECK(world.gateway().import({newer(shopper(1), 11)}, false).erased_before == 1);
  CHECK(held(world) == std::vector{2});

  Profile again = newer(shopper(1), 12);
  again.consents.push_back({Purpose::welcome, kMorning + 1s, std::nullopt, "v2", "app"});
  world.gateway().take(upserts(revision + 3, {again}));
  CHECK(held(world) == std::vector{1, 2});
  CHECK(world.counters()[Count::profiles_refused] == 2);
}

TEST_CASE("erasing by hand whom nobody holds leaves no tombstone: the name may be mistyped") {
  GatewayWorld world;
  CHECK_FALSE(world.gateway().erase(shopper(1).shopper_id));
  CHECK_FALSE(world.profiles().tombstone(shopper(1).shopper_id));
  CHECK(world.rows().empty());
}

TEST_CASE("tombstones are kept for ninety days") {
  GatewayWorld world;
  world.gateway().take(withdrawals(1, {1}));
  world.silence_until(89 * 24h);
  CHECK(world.profiles().tombstone(shopper(1).shopper_id));
  world.silence_until(92 * 24h);
  CHECK_FALSE(world.profiles().tombstone(shopper(1).shopper_id));
}

TEST_CASE("an erasure that a crash cut in two is finished at the next start") {
  const TemporaryDirectory folder;
  GatewayWorld world{small_shop(), folder.path()};
  world.gateway().take(upserts(1, {shopper(1)}));
  world.hear(entering(1));
  const ShopperId gone = shopper(1).shopper_id;
  world.profiles().transact([&] { world.profiles().erase({&gone, 1}, kMorning + 5s); });
  world.restart();
  CHECK(world.profiles().unfinished_erasures().empty());
  REQUIRE(world.rows().size() == 1);
  CHECK(world.rows()[0].type == "com.beacongateway.erasure.completed.v1");
  CHECK(world.gateway().open_visits() == 0);
  world.restart();
  CHECK(world.rows().size() == 1);
}

TEST_CASE("revision and what was signed last outlive a restart") {
  const TemporaryDirectory folder;
  GatewayWorld world{small_shop(), folder.path()};
  world.gateway().take(message({.revision = 1, .upserts = {shopper(1)}}, 7));
  world.restart();
  CHECK(world.gateway().revision() == 1);
  world.gateway().take(message({.revision = 2, .upserts = {shopper(2)}}, 7));
  CHECK(held(world) == std::vector{1});
}

// Each round it dies one point later, until it survives.
TEST_CASE("a signed withdrawal over which the process dies is taken when it comes again, and receipted once") {
  bool died = true;
  for (int points = 0; died; ++points) {
    died = false;
    Disk disk{false, {small_shop().name, small_shop().shop, false}};
    Mortality mortality;
    MortalProfileStore profiles{disk, mortality};
    Counters counters;
    Duration now{};
    const auto run = [&](const auto& what) {
      now += 1min;  // the receipt must not depend on when it was finished
      Gateway gateway{small_shop(), profiles, disk.journey(), counters, ClockSource::machine, kSecret};
      gateway.start(capture_instant(kMorning + now));
      what(gateway);
    };
    ProfilesMessage leaving{.revision = 1, .withdrawals = {shopper(1).shopper_id}};
    run([&](Gateway& gateway) { (void)gateway.import({shopper(1)}, false); });
    mortality.die_after(points);
    try {
      run([&](Gateway& gateway) { gateway.take(message(leaving, 1)); });
    } catch (const ProcessKilled&) {
      died = true;
    }
    mortality.die_after(std::nullopt);
    run([&](Gateway& gateway) { gateway.take(message(leaving, 1)); });
    INFO("died after " << points << " points");
    CHECK_FALSE(disk.profiles().version(shopper(1).shopper_id));
    CHECK(disk.profiles().word().revision == 1);
    CHECK(disk.journey().waiting_after(0, 10).size() == 1);
  }
}
