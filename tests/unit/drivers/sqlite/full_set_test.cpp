// The full set of profiles: staged in parts, in force at once.
#include "drivers/sqlite/sqlite_profile_store.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/drivers/sqlite/canaries.hpp"
#include "tests/unit/drivers/sqlite/store_files.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using beacon_gateway::sqlite::SqliteProfileStore;
using beacon_gateway::sqlite::StoreSeal;

namespace {

std::vector<Profile> profiles(std::initializer_list<const char*> names, std::int64_t version = 1) {
  std::vector<Profile> result;
  for (const char* name : names) result.push_back(full_profile(name, version));
  return result;
}

// "s-1:2 s-3:1": who is held, in which version.
std::string held(ProfileStore& store) {
  std::vector<std::string> all;
  store.for_each([&](const StoredProfile& one) {
    CHECK(one.profile == full_profile(one.profile.shopper_id.value(), one.profile.version));
    all.push_back(one.profile.shopper_id.value() + ':' + std::to_string(one.profile.version) + ' ');
  });
  std::ranges::sort(all);
  std::string text;
  for (const std::string& one : all) text += one;
  return text;
}

std::string names(std::vector<ShopperId> shoppers) {
  std::ranges::sort(shoppers);
  std::string text;
  for (const ShopperId& one : shoppers) text += one.value() + ' ';
  return text;
}

std::string unfinished(ProfileStore& store) {
  std::vector<ShopperId> shoppers;
  for (const UnfinishedErasure& one : store.unfinished_erasures()) shoppers.push_back(one.shopper_id);
  return names(shoppers);
}

}  // namespace

TEST_CASE("a full set serves nobody before its last part, whatever their order, also over a reopening") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "p.db";
  const StoreSeal seal = GENERATE(StoreSeal{}, sealed_with(1));
  ShopperNumber number = 0;
  {
    SqliteProfileStore store{file, seal};
    for (const Profile& one : profiles({"gone", "newer", "same"}, 4)) store.put(one);
    store.put(full_profile("ahead", 9));
    number = store.find(id("newer"))->number;
    CHECK_FALSE(store.stage({7, 3, 3}, profiles({"newer"}, 5), {}));
    CHECK_FALSE(store.stage({7, 1, 3}, profiles({"same"}, 4), {}));
    CHECK_FALSE(store.stage({7, 1, 3}, profiles({"same"}, 4), {}));  // twice: still one part
    CHECK_FALSE(store.find(id("new")));
  }
  SqliteProfileStore store{file, seal};
  CHECK(held(store) == "ahead:9 gone:4 newer:4 same:4 ");
  std::vector<Profile> last = profiles({"new"}, 1);
  last.push_back(full_profile("ahead", 8));
  CHECK(store.stage({7, 2, 3}, last, {}));
  CHECK(held(store) == "ahead:9 gone:4 newer:4 same:4 ");

  const FullSetOutcome outcome = store.use_staged();
  CHECK(held(store) == "ahead:9 new:1 newer:5 same:4 ");
  CHECK(outcome.removed == 1);
  CHECK(names(outcome.changed) == "new newer ");
  CHECK(outcome.unchanged == 2);
  CHECK(store.find(id("newer"))->number == number);
  const auto erasures = store.unfinished_erasures();
  REQUIRE(erasures.size() == 1);
  CHECK(erasures[0].shopper_id == id("gone"));
  CHECK(erasures[0].version == 4);
  CHECK_FALSE(erasures[0].tombstone_at);
  CHECK_FALSE(store.tombstone(id("gone")));
  int identities = 0;
  store.for_each_identity([&](const Identity& one) {
    ++identities;
    CHECK(one.identifiers == store.find(one.number)->profile.identifiers);
  });
  CHECK(identities == 4);
}

TEST_CASE("profiles of another revision are let go of, and the same revision may be staged again") {
  SqliteProfileStore store{":memory:", sealed_with(1)};
  CHECK_FALSE(store.stage({7, 1, 2}, profiles({"old"}), {}));
  CHECK_FALSE(store.stage({8, 1, 2}, profiles({"a"}), {}));
  CHECK(store.stage({8, 2, 2}, profiles({"b"}), {}));
  CHECK(names(store.use_staged().changed) == "a b ");
  CHECK_FALSE(store.stage({8, 1, 2}, profiles({"a"}), {}));
  CHECK(store.stage({9, 1, 1}, profiles({"a", "b", "c"}), {}));
  const FullSetOutcome outcome = store.use_staged();
  CHECK(names(outcome.changed) == "c ");
  CHECK(outcome.unchanged == 2);
}

TEST_CASE("an empty set removes everybody") {
  SqliteProfileStore store{":memory:", sealed_with(1)};
  for (const Profile& one : profiles({"a", "b"})) store.put(one);
  CHECK(store.stage({1, 1, 1}, {}, {}));
  CHECK(store.use_staged().removed == 2);
  CHECK(held(store).empty());
  CHECK(unfinished(store) == "a b ");
}

TEST_CASE("parts of a revision below the staged one are passed over") {
  SqliteProfileStore store{":memory:", sealed_with(1)};
  CHECK_FALSE(store.stage({8, 1, 2}, profiles({"a"}), {}));
  CHECK_FALSE(store.stage({7, 1, 1}, profiles({"old"}), {}));
  CHECK(store.stage({8, 2, 2}, profiles({"b"}), {}));
  CHECK(names(store.use_staged().changed) == "a b ");
}

TEST_CASE("a word above the staged revision lets go of the set, one up to it does not") {
  const TemporaryDirectory directory;
  SqliteProfileStore store{directory.path() / "p.db"};
  const bool above = GENERATE(false, true);
  CHECK_FALSE(store.stage({7, 1, 2}, profiles({"a", "left"}), {}));
  store.erase(std::vector{id("left")}, std::nullopt);
  store.finish_erasures();
  store.save_word({above ? 8 : 7, kNow});
  store.finish_erasures();  // empties the log
  CHECK(leaks(directory.path(), {"segment-a"}).empty() == above);
  CHECK(store.stage({7, 2, 2}, profiles({"b", "left"}), {}) != above);
  if (above) CHECK(store.stage({7, 1, 2}, {}, {}));
  CHECK(names(store.use_staged().changed) == (above ? "b left " : "a b "));
}

TEST_CASE("of whom the set keeps, what is held stays, in whatever version, and who is not held does not appear") {
  SqliteProfileStore store{":memory:", sealed_with(1)};
  for (const Profile& one : profiles({"first", "kept", "told"}, 4)) store.put(one);
  store.erase(std::vector{id("erased")}, kNow);
  store.finish_erasures();
  // One is unreadable in one part and told in another: what is told counts, whatever the order.
  CHECK_FALSE(store.stage({1, 1, 3}, profiles({"first"}, 5), std::vector{id("kept"), id("nobody"), id("told")}));
  CHECK_FALSE(store.stage({1, 2, 3}, profiles({"told"}, 5), std::vector{id("first"), id("erased")}));
  store.put(full_profile("kept", 6));
  CHECK(store.stage({1, 3, 3}, {}, {}));
  const FullSetOutcome outcome = store.use_staged();
  CHECK(names(outcome.changed) == "first told ");
  CHECK(outcome.unchanged == 1);
  CHECK(outcome.removed == 0);
  CHECK(held(store) == "first:5 kept:6 told:5 ");
  CHECK(store.tombstone(id("erased")));
  CHECK(store.unfinished_erasures().empty());
}

TEST_CASE("who is erased without a tombstone while the set is staged does not come back with it, until put") {
  SqliteProfileStore store{":memory:", sealed_with(1)};
  const bool held_before = GENERATE(false, true);
  if (held_before) store.put(full_profile("gone"));
  CHECK_FALSE(store.stage({1, 1, 2}, profiles({"gone", "stays"}), {}));
  store.erase(std::vector{id("gone"), id("late"), id("put")}, std::nullopt);
  store.put(full_profile("put"));
  CHECK_FALSE(store.stage({1, 1, 2}, profiles({"gone", "stays"}), {}));  // delivered again
  CHECK(store.stage({1, 2, 2}, profiles({"late", "put"}), {}));
  CHECK(names(store.use_staged().changed) == "stays ");
  CHECK(held(store) == "put:1 stays:1 ");
}

TEST_CASE("a tombstone takes who is staged, and who comes in a later part has agreed anew") {
  SqliteProfileStore store{":memory:", sealed_with(1)};
  CHECK_FALSE(store.stage({1, 1, 2}, profiles({"gone", "late"}), {}));
  if (GENERATE(false, true)) store.erase(std::vector{id("gone"), id("late")}, std::nullopt);  // the tombstone counts
  store.erase(std::vector{id("gone"), id("late")}, kNow);
  CHECK(store.stage({1, 2, 2}, profiles({"late"}, 2), {}));
  CHECK(names(store.use_staged().changed) == "late ");
  CHECK(held(store) == "late:2 ");
  CHECK(store.tombstone(id("gone")));
  CHECK_FALSE(store.tombstone(id("late")));
}

TEST_CASE("a correction stays with its identifier, whether the set replaces the profile or not") {
  SqliteProfileStore store{":memory:"};
  const ShopperNumber newer = store.put(full_profile("newer", 1));
  const ShopperNumber same = store.put(full_profile("same", 1));
  for (const ShopperNumber one : {newer, same}) store.save_correction(one, {3, 5, kNow});
  CHECK_FALSE(store.stage({1, 1, 2}, profiles({"newer"}, 2), {}));
  CHECK(store.stage({1, 2, 2}, profiles({"same"}, 1), {}));
  CHECK(store.use_staged().unchanged == 1);
  for (const ShopperNumber one : {newer, same})
    CHECK(store.identity(one)->corrections == std::vector<ClockCorrection>{{3, 5, kNow}});
}
