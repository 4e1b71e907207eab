// Case 35: a second process that opens the database and checkpoints it.
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "drivers/sqlite/open_stores.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/faults/seed.hpp"
#include "tests/unit/drivers/sqlite/canaries.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using namespace beacon_gateway::sqlite;

namespace {

// Answers how often it got in, at most 255.
int force_the_door(const std::filesystem::path& file, int times) {
  int opened = 0;
  for (int i = 0; i < times; ++i) {
    try {
      Database database{file};
      database.truncate_log();
      ++opened;
    } catch (const DatabaseError&) {
      continue;  // refused: as it should be
    }
  }
  return std::min(opened, 255);
}

}  // namespace

TEST_CASE("case 35: a second process gets in never, while the first goes on writing") {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "journey.db";
  const int times = rounds(300, 10'000);
  int recorded = 0;
  {
    // Before anything is opened: SQLite remembers its locks by process, and a child would inherit what it remembers.
    std::array<int, 2> go{};
    REQUIRE(::pipe(go.data()) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      char word = 0;
      ::_exit(::read(go[0], &word, 1) == 1 ? force_the_door(file, times) : 255);
    }
    const auto store = open_journey_store(file, journey_options(), sealed_with(1));
    REQUIRE(::write(go[1], "g", 1) == 1);
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
      live_through(*store, "s-1", ++recorded);
      store->scrub();
    }
    ::close(go[0]);
    ::close(go[1]);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    REQUIRE(recorded > 0);
  }
  const auto store = open_journey_store(file, journey_options(), sealed_with(1));
  CHECK(store->waiting_after(0, 1'000'000).size() == static_cast<std::size_t>(recorded));
  CHECK(force_the_door(folder.path() / "other.db", 1) == 1);  // it can, where nobody is
}
