// Erasures as the profile store keeps them: unfinished ones, and tombstones.
#include "drivers/sqlite/sqlite_profile_store.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/drivers/sqlite/canaries.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using namespace std::chrono_literals;
using beacon_gateway::sqlite::SqliteProfileStore;
using beacon_gateway::sqlite::StoreSeal;

namespace {

bool holds_anybody(ProfileStore& store) {
  bool any = false;
  store.for_each_identity([&](const Identity&) { any = true; });
  return any;
}

}  // namespace

TEST_CASE("an erasure leaves a tombstone where one is asked for, and waits to be finished") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "p.db";
  {
    SqliteProfileStore store{file, sealed_with(1)};
    store.put(full_profile("s-1", 7));
    store.put(full_profile("s-2", 8));
    store.erase(std::vector{id("s-1"), id("s-9")}, kNow);
    erase(store, "s-2");
    CHECK_FALSE(holds_anybody(store));
    erase(store, "s-1", kNow + 1h);  // comes twice: what the first one found counts
  }
  SqliteProfileStore store{file, sealed_with(1)};
  CHECK(store.tombstone(id("s-1")) == Tombstone{7, kNow});
  CHECK(store.tombstone(id("s-9")) == Tombstone{0, kNow});
  CHECK_FALSE(store.tombstone(id("s-2")));
  const auto unfinished = store.unfinished_erasures();
  REQUIRE(unfinished.size() == 3);
  CHECK(unfinished[0].shopper_id == id("s-1"));
  CHECK(unfinished[0].version == 7);
  CHECK(unfinished[0].tombstone_at == kNow);
  CHECK(unfinished[1].shopper_id == id("s-9"));
  CHECK(unfinished[1].version == 0);
  CHECK_FALSE(unfinished[2].tombstone_at);
  store.finish_erasures();
  CHECK(store.unfinished_erasures().empty());
  CHECK(store.tombstone(id("s-1")));
  store.put(full_profile("s-1", 9));
  CHECK_FALSE(store.tombstone(id("s-1")));
  store.forget_before(std::chrono::sys_days{}, kNow);
  CHECK(store.tombstone(id("s-9")));
  store.forget_before(std::chrono::sys_days{}, kNow + 1us);
  CHECK_FALSE(store.tombstone(id("s-9")));
}

TEST_CASE("an erasure that comes again changes nothing, unless something is held again") {
  SqliteProfileStore store{":memory:"};
  store.put(full_profile("s-1", 7));
  erase(store, "s-1", kNow);
  store.finish_erasures();
  erase(store, "s-1", kNow + 1h);
  erase(store, "s-1");
  CHECK(store.unfinished_erasures().empty());
  CHECK(store.tombstone(id("s-1")) == Tombstone{7, kNow});

  store.put(full_profile("s-1", 9));
  erase(store, "s-1", kNow + 2h);
  CHECK(store.unfinished_erasures().at(0).version == 9);
  CHECK(store.tombstone(id("s-1")) == Tombstone{9, kNow + 2h});
}

TEST_CASE("whom the staged set brings is erased again, so that a part that comes again does not bring her back") {
  SqliteProfileStore store{":memory:"};
  store.put(full_profile("s-1", 7));
  erase(store, "s-1", kNow);
  store.finish_erasures();
  CHECK_FALSE(store.stage({1, 1, 2}, std::vector{full_profile("s-1", 8)}, {}));
  erase(store, "s-1", kNow + 1h);
  CHECK(store.unfinished_erasures().size() == 1);
  CHECK(store.tombstone(id("s-1")) == Tombstone{7, kNow + 1h});
  CHECK(store.stage({1, 2, 2}, {}, {}));
  CHECK(store.use_staged().changed.empty());
  CHECK_FALSE(holds_anybody(store));
}

TEST_CASE("an unfinished erasure knows whether the profile was of staff or of a test, however it went") {
  const TemporaryDirectory directory;
  const StoreSeal seal = GENERATE(StoreSeal{}, sealed_with(1));
  const bool staff = GENERATE(false, true);
  const bool test = GENERATE(false, true);
  {
    SqliteProfileStore store{directory.path() / "p.db", seal};
    for (const char* name : {"erased", "replaced"}) {
      store.put(Profile{.shopper_id = id(name), .version = 1, .staff = !staff, .test = !test});
      store.put(Profile{.shopper_id = id(name), .version = 2, .staff = staff, .test = test});
    }
    erase(store, "erased", kNow);
    erase(store, "nobody");
    REQUIRE(store.stage({1, 1, 1}, {}, {}));
    CHECK(store.use_staged().removed == 1);
  }
  SqliteProfileStore store{directory.path() / "p.db", seal};
  const auto unfinished = store.unfinished_erasures();
  REQUIRE(unfinished.size() == 3);
  for (const UnfinishedErasure& one : unfinished) {
    const bool was_held = one.shopper_id != id("nobody");
    CHECK(one.staff == (was_held && staff));
    CHECK(one.test == (was_held && test));
  }
}

TEST_CASE("an erasure that comes twice before it is finished keeps what the first one found, until more is held") {
  SqliteProfileStore store{":memory:"};
  store.put(Profile{.shopper_id = id("s-1"), .version = 7, .staff = true});
  erase(store, "s-1");
  erase(store, "s-1", kNow);
  const auto first = store.unfinished_erasures();
  REQUIRE(first.size() == 1);
  CHECK(first[0].version == 7);
  CHECK(first[0].staff);
  CHECK(first[0].tombstone_at == kNow);

  store.put(Profile{.shopper_id = id("s-1"), .version = 9, .test = true});
  REQUIRE(store.stage({1, 1, 1}, {}, {}));
  CHECK(store.use_staged().removed == 1);
  const auto second = store.unfinished_erasures();
  REQUIRE(second.size() == 1);
  CHECK(second[0].version == 9);
  CHECK_FALSE(second[0].staff);
  CHECK(second[0].test);
  CHECK(second[0].tombstone_at == kNow);

  store.put(Profile{.shopper_id = id("s-1"), .version = 10});
  erase(store, "s-1");
  CHECK(store.unfinished_erasures().at(0).tombstone_at == kNow);
}
