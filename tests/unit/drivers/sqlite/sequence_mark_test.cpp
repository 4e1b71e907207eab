#include "drivers/sqlite/sequence_mark.hpp"

#include <fstream>

#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/drivers/sqlite/canaries.hpp"
#include "tests/unit/drivers/sqlite/store_files.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using beacon_gateway::sqlite::SequenceMark;
using beacon_gateway::sqlite::SqliteJourneyStore;

namespace {

struct World {
  TemporaryDirectory directory;
  std::filesystem::path file = directory.path() / "j.db";
  std::filesystem::path mark = directory.path() / "j.mark";

  [[nodiscard]] SqliteJourneyStore open() const { return {file, journey_options(), sealed_with(1)}; }
  void record(int count) const {
    SqliteJourneyStore store = open();
    for (int i = 0; i < count; ++i) {
      const std::string name = "event " + std::to_string(store.newest_sequence() + 1);
      store.transact([&] { store.record(zone_entered(name)); });
    }
  }
};

void overwrite(const std::filesystem::path& file, std::streamoff at, const std::string& octets) {
  std::fstream stream{file, std::ios::binary | std::ios::in | std::ios::out};
  stream.seekp(at);
  stream << octets;
}

}  // namespace

TEST_CASE("a mark is the highest number noted, also when one of its slots is damaged") {
  const TemporaryDirectory directory;
  const auto store = directory.path() / "j.db";
  CHECK_FALSE(SequenceMark{store}.found());
  {
    SequenceMark mark{store};
    for (const std::int64_t one : {1, 2, 41, 42, 7}) mark.note(one);
  }
  CHECK(SequenceMark{store}.found() == 42);
  const auto file = SequenceMark::file_of(store);
  CHECK(octets_in(file).size() == 4096 + 512);
  const bool newest_first = octets_in(file).find(" 42 ") < 4096;
  overwrite(file, newest_first ? 30 : 4096 + 30, "?");
  CHECK(SequenceMark{store}.found() == 41);
  overwrite(file, newest_first ? 4096 + 30 : 30, "?");
  CHECK_FALSE(SequenceMark{store}.found());
  {
    SequenceMark mark{store};
    mark.note(50);
  }
  CHECK(SequenceMark{store}.found() == 50);
}

TEST_CASE("an older copy of the store that is put back is noticed, and no number is given twice") {
  const World world;
  world.record(3);
  std::filesystem::copy_file(world.file, world.directory.path() / "copy");
  world.record(4);
  std::filesystem::copy_file(world.directory.path() / "copy", world.file,
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(world.file.string() + "-wal");
  {
    SqliteJourneyStore store = world.open();
    CHECK(store.newest_sequence() == 7);
    CHECK(store.totals().missing == 4);
    CHECK(store.totals().recorded == 7);
    CHECK(store.totals().waiting == 3);
  }
  world.record(1);
  SqliteJourneyStore store = world.open();
  CHECK(store.waiting_after(0, 9).back().sequence == 8);
  CHECK(store.totals().missing == 4);  // counted once
}

TEST_CASE("a store that was moved away is followed by one whose numbers go on, with nothing to account for") {
  const World world;
  world.record(5);
  std::filesystem::remove(world.file);
  std::filesystem::remove(world.file.string() + "-wal");
  world.record(1);
  SqliteJourneyStore store = world.open();
  CHECK(store.newest_sequence() == 6);
  CHECK(store.totals().missing == 0);
  CHECK(store.totals().recorded == 1);
  CHECK(store.totals().begun_anew == 1);
}

TEST_CASE("a mark that is behind the store, damaged or gone changes nothing") {
  const World world;
  world.record(2);
  const std::string old_mark = octets_in(world.mark);
  world.record(3);
  if (GENERATE(false, true))
    std::filesystem::remove(world.mark);
  else
    overwrite(world.mark, 0, GENERATE(false, true) ? "?" : "");
  if (GENERATE(false, true)) std::ofstream{world.mark, std::ios::binary} << old_mark;
  SqliteJourneyStore store = world.open();
  CHECK(store.newest_sequence() == 5);
  CHECK(store.totals().missing == 0);
}
