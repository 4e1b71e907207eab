#include "drivers/sqlite/sqlite_profile_store.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/drivers/sqlite/store_files.hpp"

using namespace beacon_gateway;
using beacon_gateway::sqlite::SqliteProfileStore;
using beacon_gateway_test::files_with;
using beacon_gateway_test::TemporaryDirectory;

namespace {

Profile shopper(const std::string& id, std::int64_t version = 1) {
  Profile profile{.shopper_id = ShopperId::parse(id).value()};
  profile.version = version;
  profile.attributes = {{"nickname", "มะลิ of " + id}};
  return profile;
}

std::vector<std::string> held(ProfileStore& store) {
  std::vector<std::string> ids;
  store.for_each([&](const StoredProfile& one) { ids.push_back(one.profile.shopper_id.value()); });
  return ids;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("profiles come back as they were put, by id and by number, in the order of their ids") {
  SqliteProfileStore store{":memory:"};
  const ShopperNumber second = store.put(shopper("s-2"));
  const ShopperNumber first = store.put(shopper("s-1"));
  CHECK(first != second);
  CHECK(store.find(first)->profile == shopper("s-1"));
  CHECK(store.find(shopper("s-2").shopper_id)->number == second);
  CHECK_FALSE(store.find(ShopperNumber{99}));
  CHECK_FALSE(store.find(shopper("s-9").shopper_id));
  CHECK(held(store) == Ids{"s-1", "s-2"});
}

TEST_CASE("a newer profile replaces the older and keeps its number, also over a reopening") {
  const TemporaryDirectory directory;
  ShopperNumber number = 0;
  {
    SqliteProfileStore store{directory.path() / "p.db"};
    number = store.put(shopper("s-1"));
    CHECK(store.put(shopper("s-1", 2)) == number);
  }
  SqliteProfileStore store{directory.path() / "p.db"};
  CHECK(store.find(number)->profile.version == 2);
  CHECK(held(store).size() == 1);
}

TEST_CASE("a transaction that is thrown out of leaves nothing") {
  SqliteProfileStore store{":memory:"};
  store.put(shopper("s-1"));
  CHECK_THROWS_AS(store.transact([&] {
    store.put(shopper("s-1", 2));
    store.put(shopper("s-2"));
    store.erase(shopper("s-1").shopper_id);
    throw std::runtime_error{"power cut"};
  }),
                  std::runtime_error);
  CHECK(held(store) == Ids{"s-1"});
  CHECK(store.find(shopper("s-1").shopper_id)->profile.version == 1);
}

TEST_CASE("an erased profile is nowhere on disk, not even its older versions") {
  const TemporaryDirectory directory;
  SqliteProfileStore store{directory.path() / "p.db"};
  for (int version = 1; version < 5; ++version) store.put(shopper("shopper-to-go", version));
  store.put(shopper("shopper-to-stay"));
  REQUIRE(files_with(directory.path(), "shopper-to-go") != "");
  store.erase(shopper("shopper-to-go").shopper_id);
  CHECK(files_with(directory.path(), "shopper-to-go") == "");
  CHECK(files_with(directory.path(), "shopper-to-stay") != "");
}
