#include "drivers/sqlite/sqlite_profile_store.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/drivers/sqlite/canaries.hpp"
#include "tests/unit/drivers/sqlite/store_files.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using namespace std::chrono_literals;
using beacon_gateway::sqlite::SqliteProfileStore;
using beacon_gateway::sqlite::StoreSeal;

namespace {

std::vector<std::string> held(ProfileStore& store) {
  std::vector<std::string> ids;
  store.for_each([&](const StoredProfile& one) { ids.push_back(one.profile.shopper_id.value()); });
  std::ranges::sort(ids);
  return ids;
}

using Ids = std::vector<std::string>;

std::vector<Identity> identities(ProfileStore& store) {
  std::vector<Identity> result;
  store.for_each_identity([&](const Identity& one) { result.push_back(one); });
  return result;
}

Identity identity_of(ShopperNumber number, const Profile& profile) {
  return {number, profile.staff, profile.identifiers, {}};
}

const std::vector<RollingTokenIdentifier::DayKey>& day_keys(const std::vector<ProfileIdentifier>& identifiers) {
  return std::get<RollingTokenIdentifier>(identifiers.at(4)).day_keys;
}

}  // namespace

TEST_CASE("profiles come back as they were put, by id and by number, sealed or not") {
  SqliteProfileStore store{":memory:", GENERATE(StoreSeal{}, sealed_with(1))};
  const Profile full = full_profile("s-2", 3);
  const Profile bare{.shopper_id = id("s-1")};
  const ShopperNumber second = store.put(full);
  const ShopperNumber first = store.put(bare);
  CHECK(second == 1);
  CHECK(first == 2);
  CHECK(store.find(first)->profile == bare);
  CHECK(store.find(second)->profile == full);
  CHECK(store.find(id("s-2"))->number == second);
  CHECK(store.find(id("s-2"))->profile == full);
  CHECK_FALSE(store.find(ShopperNumber{99}));
  CHECK_FALSE(store.find(id("s-9")));
  CHECK(held(store) == Ids{"s-1", "s-2"});
  CHECK(store.version(id("s-2")) == 3);
  CHECK_FALSE(store.version(id("s-9")));
}

TEST_CASE("a newer profile replaces the older and keeps its number, also over a reopening") {
  const TemporaryDirectory directory;
  ShopperNumber number = 0;
  {
    SqliteProfileStore store{directory.path() / "p.db", sealed_with(1)};
    number = store.put(full_profile("s-1"));
    CHECK(store.put(full_profile("s-1", 2)) == number);
  }
  SqliteProfileStore store{directory.path() / "p.db", sealed_with(1)};
  CHECK(store.find(number)->profile == full_profile("s-1", 2));
  CHECK(held(store).size() == 1);
  CHECK(identities(store).size() == 1);
}

TEST_CASE("a number is never given twice, so that nobody is taken for one who was erased") {
  SqliteProfileStore store{":memory:"};
  const ShopperNumber number = store.put(full_profile("s-1"));
  erase(store, "s-1");
  CHECK(store.put(full_profile("s-1")) != number);
}

TEST_CASE("no number is spent on updates, one by one or as a set") {
  SqliteProfileStore store{":memory:"};
  store.put(Profile{.shopper_id = id("s-1")});
  store.put(Profile{.shopper_id = id("s-2")});
  std::int64_t version = 1;
  for (; version <= 2000; ++version) CHECK(store.put(Profile{.shopper_id = id("s-1"), .version = version}) == 1);
  CHECK(store.put(Profile{.shopper_id = id("s-3")}) == 3);
  for (int revision = 1; revision <= 500; ++revision) {
    std::vector<Profile> set;
    for (const char* name : {"s-1", "s-2", "s-3"})
      set.push_back(Profile{.shopper_id = id(name), .version = version + revision});
    REQUIRE(store.stage({revision, 1, 1}, set, {}));
    REQUIRE(store.use_staged().changed.size() == 3);
  }
  CHECK(store.find(id("s-1"))->number == 1);
  CHECK(store.put(Profile{.shopper_id = id("s-4")}) == 4);
}

TEST_CASE("a transaction that is thrown out of leaves nothing") {
  SqliteProfileStore store{":memory:"};
  store.put(full_profile("s-1"));
  CHECK_THROWS_AS(store.transact([&] {
    store.put(full_profile("s-1", 2));
    store.put(full_profile("s-2"));
    erase(store, "s-1", kNow);
    store.save_word({3, kNow});
    throw std::runtime_error{"power cut"};
  }),
                  std::runtime_error);
  CHECK(held(store) == Ids{"s-1"});
  CHECK(store.find(id("s-1"))->profile == full_profile("s-1"));
  CHECK_FALSE(store.tombstone(id("s-1")));
  CHECK(store.unfinished_erasures().empty());
  CHECK(store.word() == OrchestratorWord{});
}

TEST_CASE("identities come without bodies, with their keys and corrections, all and one by one") {
  SqliteProfileStore store{":memory:", GENERATE(StoreSeal{}, sealed_with(1))};
  std::vector<Identity> expected;
  for (const char* name : {"s-1", "s-2", "s-3", "s-4"})
    expected.push_back(identity_of(store.put(full_profile(name)), full_profile(name)));
  // The order of the records is another than that of the numbers after this.
  store.put(full_profile("s-2", 2));
  expected[0].corrections = {{3, -5, kNow}};
  expected[1].corrections = {{3, 6, kNow + 1s}, {4, 7, kNow}};
  for (const Identity& one : expected)
    for (const ClockCorrection& correction : one.corrections) store.save_correction(one.number, correction);
  // Only staged: nobody's identity yet.
  CHECK_FALSE(store.stage({1, 1, 2}, std::vector{full_profile("s-9")}, {}));

  auto all = identities(store);
  std::ranges::sort(all, {}, &Identity::number);
  CHECK(all == expected);
  for (const Identity& one : expected) CHECK(store.identity(one.number) == one);
  CHECK_FALSE(store.identity(99));
}

TEST_CASE("a correction replaces the older one of its identifier") {
  SqliteProfileStore store{":memory:"};
  const ShopperNumber number = store.put(full_profile("s-1"));
  store.save_correction(number, {3, 1, kNow});
  store.save_correction(number, {3, 2, kNow});
  store.save_correction(99, {3, 2, kNow});  // of nobody
  CHECK(store.identity(number)->corrections == std::vector<ClockCorrection>{{3, 2, kNow}});
}

TEST_CASE(
    "a correction stays with its beacon through changes of the profile, one by one or as a set, and goes with it") {
  SqliteProfileStore store{":memory:"};
  Profile profile = full_profile("s-1");
  const auto eid = std::ranges::find_if(
      profile.identifiers, [](const auto& one) { return std::holds_alternative<EddystoneEidIdentifier>(one); });
  REQUIRE(eid != profile.identifiers.end());
  const auto position = static_cast<std::uint8_t>(eid - profile.identifiers.begin());
  const ShopperNumber number = store.put(profile);
  store.save_correction(number, {position, 7, kNow});
  std::rotate(profile.identifiers.begin(), eid, profile.identifiers.end());  // now the first
  profile.version = 2;
  store.put(profile);
  CHECK(store.identity(number)->corrections == std::vector<ClockCorrection>{{0, 7, kNow}});
  profile.version = 3;
  REQUIRE(store.stage({1, 1, 1}, std::vector{profile}, {}));
  (void)store.use_staged();
  CHECK(store.identity(number)->corrections == std::vector<ClockCorrection>{{0, 7, kNow}});
  std::get<EddystoneEidIdentifier>(profile.identifiers[0]).clock_offset_s += 1;
  profile.version = 4;
  store.put(profile);
  CHECK(store.identity(number)->corrections.empty());
}

TEST_CASE("day keys of past days go, and the profile goes on without them") {
  SqliteProfileStore store{":memory:", sealed_with(1)};
  const ShopperNumber number = store.put(full_profile("s-1"));
  CHECK_FALSE(store.stage({1, 1, 2}, std::vector{full_profile("s-2")}, {}));
  store.forget_before(kToday, WallTime{});
  CHECK(day_keys(store.find(number)->profile.identifiers).size() == 2);
  CHECK(day_keys(store.find(number)->profile.identifiers)[0].day == kToday);
  CHECK(day_keys(store.identity(number)->identifiers) == day_keys(identities(store).front().identifiers));
  CHECK(day_keys(store.identity(number)->identifiers).size() == 2);
  store.forget_before(kToday + std::chrono::days{1}, WallTime{});
  CHECK(day_keys(identities(store).front().identifiers).empty());
  CHECK(store.stage({1, 2, 2}, {}, {}));
  CHECK(store.use_staged().changed == std::vector{id("s-2")});
  CHECK(day_keys(store.find(id("s-2"))->profile.identifiers).empty());  // what was only staged went, too
}

TEST_CASE("how far the orchestrator's word has come survives, absent times too") {
  const TemporaryDirectory directory;
  {
    SqliteProfileStore store{directory.path() / "p.db"};
    CHECK(store.word() == OrchestratorWord{});
    CHECK(store.newest_signed(2) == 0);
    store.save_word({5, kNow});
    store.save_newest_signed(2, 17);
  }
  SqliteProfileStore store{directory.path() / "p.db"};
  CHECK(store.word() == OrchestratorWord{5, kNow});
  CHECK(store.newest_signed(2) == 17);
  CHECK(store.newest_signed(1) == 0);
  store.save_word({6, std::nullopt});
  CHECK(store.word() == OrchestratorWord{6, std::nullopt});
}

TEST_CASE("the newest set of campaigns is kept sealed over a reopening, also under a new key") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "p.db";
  {
    SqliteProfileStore store{file, sealed_with(1)};
    CHECK_FALSE(store.campaigns());
    store.save_campaigns({3, "id = \"older-canary\""});
    store.save_campaigns({4, "id = \"newer-canary\""});
  }
  SqliteProfileStore store{file, {store_key(2), store_key(1)}};
  CHECK(store.rekeyed());
  CHECK(store.campaigns() == CampaignSet{4, "id = \"newer-canary\""});
  CHECK(files_with(directory.path(), "canary").empty());
}

TEST_CASE("a store from before there were campaigns is taken over as it is") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "p.db";
  {
    SqliteProfileStore{file, sealed_with(1)}.put(full_profile("s-1"));
  }
  sqlite::Database{file}.execute(
      "DROP TABLE campaigns; DELETE FROM facts WHERE name = 'schema'; PRAGMA user_version = 2");
  SqliteProfileStore store{file, sealed_with(1)};
  CHECK(held(store) == Ids{"s-1"});
  CHECK_FALSE(store.campaigns());
  store.save_campaigns({1, ""});
  CHECK(store.campaigns() == CampaignSet{1, ""});
}
