// What a sealed store shows to whoever has its files, and what it does with a wrong key or with damage.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "drivers/sqlite/sqlite_profile_store.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/drivers/sqlite/canaries.hpp"
#include "tests/unit/drivers/sqlite/store_files.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using beacon_gateway::sqlite::Database;
using beacon_gateway::sqlite::DatabaseError;
using beacon_gateway::sqlite::SqliteJourneyStore;
using beacon_gateway::sqlite::SqliteProfileStore;
using beacon_gateway::sqlite::Statement;
using beacon_gateway::sqlite::StoreSeal;

namespace {

struct World {
  TemporaryDirectory directory;
  std::filesystem::path profiles = directory.path() / "profiles.db";
  std::filesystem::path journey = directory.path() / "journey.db";

  // One of everything: held, staged, erased without end; an event, a cap, a decision, a visit.
  void fill(const StoreSeal& seal, const std::string& name, int others = 0) const {
    SqliteProfileStore store{profiles, seal};
    store.put(full_profile(name, 1, 2000));
    for (int i = 0; i < others; ++i) store.put(full_profile("other-" + std::to_string(i), 1, 1000));
    CHECK_FALSE(store.stage({1, 1, 2}, std::vector{full_profile(name + "-staged")}, {}));
    store.erase(std::vector{id(name + "-erased")}, kNow);
    SqliteJourneyStore lived{journey, journey_options(), seal};
    live_through(lived, name);
  }
};

// Everything that canaries.hpp makes of a name.
std::vector<std::string> all_of(const std::string& name) {
  std::vector<std::string> all = secrets_of(name);
  for (const char* text : {"notice-", "channel-", "segment-", "sku-", "category-", "title-", "filler-", "nickname-of-",
                           "visit-of-", "reason-of-", "event-0-of-"})
    all.push_back(text + name);
  all.insert(all.end(), {"nickname", "\"shopper_id\"", "Come in"});
  return all;
}

StoreSeal changed_to(std::uint8_t present, std::uint8_t previous) {
  return {store_key(present), store_key(previous)};
}

// In one value of the column.
void flip_a_bit(const std::filesystem::path& file, const std::string& table, const std::string& column) {
  Database database{file};
  std::string value;
  const std::string select = "SELECT " + column + " FROM " + table + " LIMIT 1";
  database.prepare(select.c_str()).run([&](Statement& row) { value = row.octets(0); });
  REQUIRE(value.size() > 20);
  std::string altered = value;
  altered[20] = static_cast<char>(altered[20] ^ 1);
  const std::string update = "UPDATE " + table + " SET " + column + " = ? WHERE " + column + " = ?";
  database.prepare(update.c_str()).with(sqlite::Octets{altered}, sqlite::Octets{value}).run();
}

}  // namespace

TEST_CASE("nothing of anybody stands in a sealed store, and in one that is not sealed the same texts are found") {
  const World world;
  world.fill(sealed_with(1), "canary");
  CHECK(leaks(world.directory.path(), all_of("canary")).empty());
  CHECK(leaks(world.directory.path(), secrets_of("canary-staged")).empty());

  const World open;  // so that the test is known to find what is there
  open.fill({}, "canary");
  const std::string found = leaks(open.directory.path(), all_of("canary"));
  for (const char* text :
       {"visit-of-canary", "notice-canary", "filler-canary", "reason-of-canary", "event-0-of-canary"})
    CHECK_THAT(found, ContainsSubstring(text));
  CHECK_THAT(found, ContainsSubstring(as_text(octets_of<16>("canary", 't'))));
  CHECK_THAT(found, ContainsSubstring(as_text(octets_of<16>("canary", 'e'))));
}

TEST_CASE("while a sealed store is held and written, its log shows nothing either") {
  const World world;
  SqliteProfileStore store{world.profiles, sealed_with(1)};
  SqliteJourneyStore lived{world.journey, journey_options(), sealed_with(1)};
  for (int i = 0; i < 20; ++i) {
    store.put(full_profile("canary", i, 3000));
    live_through(lived, "canary", i);
  }
  REQUIRE(std::filesystem::file_size(world.profiles.string() + "-wal") > 0);
  CHECK(leaks(world.directory.path(), all_of("canary")).empty());
}

TEST_CASE("two stores hash a pseudonym differently") {
  const World world;
  world.fill(sealed_with(1), "canary");
  std::string in_profiles;
  std::string in_journey;
  Database profiles{world.profiles};
  Database journey{world.journey};
  profiles.prepare("SELECT shopper FROM profiles").run([&](Statement& row) { in_profiles = row.octets(0); });
  journey.prepare("SELECT shopper FROM tracks").run([&](Statement& row) { in_journey = row.octets(0); });
  CHECK(in_profiles.size() == 16);
  CHECK(in_journey.size() == 16);
  CHECK(in_profiles != in_journey);
}

TEST_CASE("a wrong or a missing key, and a key where none belongs, are refused, and the files stay as they are") {
  const World world;
  world.fill(sealed_with(1), "s-1");
  const World open;
  open.fill({}, "s-1");
  const auto before = octets_in(world.profiles) + octets_in(world.journey) + octets_in(open.profiles);
  for (const StoreSeal& wrong : {sealed_with(2), changed_to(2, 3)}) {
    CHECK_THROWS_WITH((SqliteProfileStore{world.profiles, wrong}),
                      ContainsSubstring("profiles.db: is sealed with another key: ") && ContainsSubstring("key_file"));
    CHECK_THROWS_WITH((SqliteJourneyStore{world.journey, journey_options(), wrong}),
                      ContainsSubstring("journey.db: is sealed with another key"));
  }
  CHECK_THROWS_WITH((SqliteProfileStore{world.profiles}), ContainsSubstring("is sealed, and no key was given"));
  CHECK_THROWS_WITH((SqliteProfileStore{open.profiles, sealed_with(1)}), ContainsSubstring("is not sealed"));
  CHECK(octets_in(world.profiles) + octets_in(world.journey) + octets_in(open.profiles) == before);
  CHECK(SqliteProfileStore(world.profiles, sealed_with(1)).find(id("s-1")));
  CHECK(SqliteProfileStore(open.profiles).find(id("s-1")));
}

TEST_CASE("two files cannot exchange their envelopes, nor two rows their values") {
  const World world;
  world.fill(sealed_with(1), "s-1", 1);
  {
    Database profiles{world.profiles};
    profiles.execute(("ATTACH '" + world.journey.string() + "' AS j").c_str());
    profiles.execute("UPDATE meta SET value = (SELECT value FROM j.meta m WHERE m.name = meta.name)");
  }
  CHECK_THROWS_WITH((SqliteProfileStore{world.profiles, sealed_with(1)}), ContainsSubstring("another key"));

  const World other;
  other.fill(sealed_with(1), "s-1", 1);
  Database{other.profiles}.execute(
      "UPDATE bodies SET body = (SELECT b.body FROM bodies b WHERE b.record = 3 - bodies.record) WHERE record < 3");
  SqliteProfileStore store{other.profiles, sealed_with(1)};
  CHECK_THROWS_WITH(store.find(id("s-1")), ContainsSubstring("bodies.body, row 1: was altered or damaged"));
}

TEST_CASE("a trial's store of the first schema is refused with what to do, a newer one too") {
  const World world;
  {
    Database{world.profiles}.execute("CREATE TABLE profiles (number INTEGER); PRAGMA user_version = 1");
  }
  CHECK_THROWS_WITH((SqliteProfileStore{world.profiles, sealed_with(1)}),
                    ContainsSubstring("move it away") && ContainsSubstring("profiles import"));
  {
    Database{world.journey}.execute("PRAGMA user_version = 4");
  }
  CHECK_THROWS_WITH((SqliteJourneyStore{world.journey, journey_options(), sealed_with(1)}),
                    ContainsSubstring("newer version of the gateway (schema 4, this one knows 3)"));
}

TEST_CASE("a flipped bit in any sealed column is told by table and row, and never read") {
  for (const auto& [table, column] : {std::pair{"records", "identity"},
                                      {"bodies", "body"},
                                      {"day_keys", "key"},
                                      {"bodies", "pseudonym"},
                                      {"erasures", "pseudonym"}}) {
    const World world;
    world.fill(sealed_with(1), "s-1");
    {
      SqliteProfileStore{world.profiles, sealed_with(1)}.finish_erasures();
    }
    {
      SqliteProfileStore{world.profiles, sealed_with(1)}.erase(std::vector{id("s-0")}, kNow);
    }
    flip_a_bit(world.profiles, table, column);
    SqliteProfileStore store{world.profiles, sealed_with(1)};
    const auto read_all = [&] {
      store.for_each_identity([](const Identity&) {});
      store.for_each([](const StoredProfile&) {});
      CHECK(store.stage({2, 1, 1}, {}, {}));
      CHECK(store.use_staged().removed == 1);
      const auto unfinished = store.unfinished_erasures();
      CHECK(unfinished.size() == 2);
    };
    // What a set removes goes among the erasures without being opened: there it is found out.
    const bool moved = std::string{column} == "pseudonym";
    const std::string told = std::string{moved ? "erasures" : table} + '.' + column + ", row ";
    CHECK_THROWS_WITH(read_all(),
                      ContainsSubstring("profiles.db: " + told) && ContainsSubstring(": was altered or damaged"));
  }
}

TEST_CASE("damage in the journey costs what it hit and nothing else") {
  const World world;
  world.fill(sealed_with(1), "s-1");
  for (const auto& [table, column] :
       {std::pair{"outbox", "body"}, {"caps", "visit"}, {"decisions", "body"}, {"tracks", "body"}})
    flip_a_bit(world.journey, table, column);
  SqliteJourneyStore store{world.journey, journey_options(), sealed_with(1)};
  CHECK(store.waiting_after(0, 9).empty());
  CHECK(store.totals().damaged == 1);
  REQUIRE(store.history(id("s-1")).size() == 1);  // it still counts for the day
  CHECK(store.history(id("s-1"))[0].visit_id.empty());
  CHECK(store.decisions(id("s-1"), 9).empty());
  CHECK(store.tracks(capture_instant(kNow)).empty());
  store.transact([&] { store.save(saved_track("s-1")); });
  CHECK(store.tracks(capture_instant(kNow)).size() == 1);
}

TEST_CASE("a new key seals everything anew, once, and the old one opens nothing then") {
  const World world;
  world.fill(sealed_with(1), "canary", 5);
  {
    SqliteProfileStore store{world.profiles, changed_to(2, 1)};
    SqliteJourneyStore lived{world.journey, journey_options(), changed_to(2, 1)};
    CHECK(store.rekeyed());
    CHECK(lived.rekeyed());
    CHECK(store.find(id("canary"))->profile == full_profile("canary", 1, 2000));
  }
  CHECK_THROWS_WITH((SqliteProfileStore{world.profiles, sealed_with(1)}), ContainsSubstring("another key"));
  CHECK(leaks(world.directory.path(), all_of("canary")).empty());
  SqliteProfileStore store{world.profiles, changed_to(2, 1)};
  SqliteJourneyStore lived{world.journey, journey_options(), sealed_with(2)};
  CHECK_FALSE(store.rekeyed());
  CHECK_FALSE(lived.rekeyed());
  CHECK(store.find(id("canary"))->profile == full_profile("canary", 1, 2000));
  CHECK(store.identity(1)->identifiers == full_profile("canary").identifiers);
  CHECK(store.tombstone(id("canary-erased")));
  CHECK(store.unfinished_erasures().at(0).shopper_id == id("canary-erased"));
  CHECK(store.stage({1, 2, 2}, {}, {}));
  CHECK(store.use_staged().changed == std::vector{id("canary-staged")});
  CHECK(store.find(id("canary-staged"))->profile == full_profile("canary-staged"));
  CHECK(lived.waiting_after(0, 9).at(0).id == "event-0-of-canary");
  CHECK(lived.history(id("canary")).size() == 1);
  CHECK(lived.decisions(id("canary"), 9).size() == 1);
  CHECK(lived.tracks(capture_instant(kNow)).size() == 1);
}

TEST_CASE("a change of the key that meets damage changes nothing") {
  const World world;
  world.fill(sealed_with(1), "s-1", 5);
  flip_a_bit(world.profiles, "day_keys", "key");
  CHECK_THROWS_WITH((SqliteProfileStore{world.profiles, changed_to(2, 1)}), ContainsSubstring("day_keys.key"));
  CHECK(SqliteProfileStore(world.profiles, sealed_with(1)).identity(2));
}

TEST_CASE("a change of the key that is killed in the middle leaves the old state") {
  const World world;
  world.fill(sealed_with(1), "s-1", 200);
  constexpr rlim_t kMostOctets = 100'000;  // less than what is sealed anew: the kernel kills who writes past it
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit no_core{0, 0};
    const rlimit limit{kMostOctets, kMostOctets};
    ::setrlimit(RLIMIT_CORE, &no_core);
    std::signal(SIGXFSZ, SIG_DFL);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const SqliteProfileStore store{world.profiles, changed_to(2, 1)};
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGXFSZ);
  {
    SqliteProfileStore store{world.profiles, sealed_with(1)};
    CHECK(store.find(id("s-1"))->profile == full_profile("s-1", 1, 2000));
  }
  CHECK(SqliteProfileStore(world.profiles, changed_to(2, 1)).rekeyed());
}
