// Nothing of an erased person is on disk, among many others and with bodies that fill pages of their own.
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
using beacon_gateway::sqlite::SqliteJourneyStore;
using beacon_gateway::sqlite::SqliteProfileStore;
using beacon_gateway::sqlite::StoreSeal;

namespace {

constexpr int kOthers = 400;

// Bodies of all sizes up to the largest that a profile may have.
std::size_t body_octets(int number) {
  return static_cast<std::size_t>(number % 5) * 1900;
}

std::vector<std::string> all_of(const std::string& name) {
  std::vector<std::string> all = secrets_of(name);
  for (const char* text : {"nickname-of-", "visit-of-", "filler-", "event-"}) all.push_back(text + name);
  return all;
}

}  // namespace

TEST_CASE("an erased profile is nowhere on disk, in none of its versions and forms") {
  const TemporaryDirectory directory;
  SqliteProfileStore store{directory.path() / "p.db", GENERATE(StoreSeal{}, sealed_with(1))};
  const int version_most = 4;
  for (int i = 0; i < kOthers; ++i) {
    store.put(full_profile("other-" + std::to_string(i), 1, body_octets(i)));
    // The one to go is written again and again among them, in a small and in a large body.
    if (i % 50 == 0) store.put(full_profile("to-go", i % version_most, body_octets(i / 50)));
  }
  CHECK_FALSE(store.stage({1, 1, 2}, std::vector{full_profile("to-go", 99, 8000)}, {}));
  for (int i = 0; i < kOthers; i += 3) store.put(full_profile("other-" + std::to_string(i), 2, body_octets(i + 1)));
  store.erase(std::vector{id("to-go")}, kNow);
  store.finish_erasures();
  CHECK(leaks(directory.path(), all_of("to-go")).empty());
  CHECK(store.find(id("other-1"))->profile == full_profile("other-1", 1, body_octets(1)));
  CHECK(store.tombstone(id("to-go")));
}

TEST_CASE("what a full set removes is nowhere on disk") {
  const TemporaryDirectory directory;
  SqliteProfileStore store{directory.path() / "p.db", GENERATE(StoreSeal{}, sealed_with(1))};
  std::vector<Profile> set;
  for (int i = 0; i < kOthers; ++i) {
    store.put(full_profile("other-" + std::to_string(i), 1, body_octets(i)));
    if (i == kOthers / 2) store.put(full_profile("to-go", 1, 8000));
    set.push_back(full_profile("other-" + std::to_string(i), 1 + i % 2, body_octets(i)));
  }
  CHECK(store.stage({1, 1, 1}, set, {}));
  CHECK(store.use_staged().removed == 1);
  store.finish_erasures();
  CHECK(leaks(directory.path(), all_of("to-go")).empty());
}

TEST_CASE("day keys of past days are nowhere on disk") {
  const TemporaryDirectory directory;
  SqliteProfileStore store{directory.path() / "p.db", GENERATE(StoreSeal{}, sealed_with(1))};
  for (int i = 0; i < kOthers; ++i) store.put(full_profile("s-" + std::to_string(i)));
  store.forget_before(kToday, WallTime{});
  std::vector<std::string> gone;
  for (int i = 0; i < kOthers; i += 7) gone.push_back(as_text(octets_of<16>("s-" + std::to_string(i), 'y')));
  CHECK(leaks(directory.path(), gone).empty());
}

TEST_CASE("of an erased person's journey nothing is on disk, and the others' stays") {
  const TemporaryDirectory directory;
  const StoreSeal seal = GENERATE(StoreSeal{}, sealed_with(1));
  SqliteJourneyStore store{directory.path() / "j.db", journey_options(), seal};
  for (int i = 0; i < kOthers; ++i) {
    live_through(store, "other-" + std::to_string(i));
    if (i % 20 == 0) live_through(store, "to-go", i);
  }
  if (!seal.key) REQUIRE_FALSE(leaks(directory.path(), {"to-go"}).empty());
  const auto recorded = store.totals().recorded;
  store.transact([&] { store.erase(std::vector{id("to-go")}); });
  store.scrub();
  CHECK(leaks(directory.path(), all_of("to-go")).empty());
  CHECK(store.totals().withdrawn == 20);
  CHECK(store.totals().waiting == recorded - 20);
  CHECK(store.history(id("other-7")).size() == 1);
}

TEST_CASE("what was deleted before a crash is nowhere on disk after the next start") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "j.db";
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    SqliteJourneyStore store{file, journey_options()};
    live_through(store, "to-go");
    store.transact([&] { store.erase(std::vector{id("to-go")}); });
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE_FALSE(leaks(directory.path(), {"to-go"}).empty());
  const SqliteJourneyStore store{file, journey_options()};
  CHECK(leaks(directory.path(), all_of("to-go")).empty());
}
