// Case 34: octets of the files change, go missing or were never ours. The store opens again, what it says is true, and
// what it lost it tells.
#include <fstream>

#include "drivers/sqlite/open_stores.hpp"
#include "drivers/sqlite/quarantine.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/faults/seed.hpp"
#include "tests/unit/drivers/sqlite/canaries.hpp"
#include "tests/unit/drivers/sqlite/store_files.hpp"

#include <map>
#include <random>

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using namespace beacon_gateway::sqlite;

namespace {

namespace fs = std::filesystem;

constexpr int kShoppers = 60;

void write(const fs::path& file, const std::string& octets) {
  std::ofstream{file, std::ios::binary | std::ios::trunc} << octets;
}

std::unique_ptr<SqliteJourneyStore> open_journey(const fs::path& folder) {
  return open_journey_store(folder / "journey.db", journey_options(), sealed_with(1));
}

// Files as a kill leaves them, log and all; and what they hold.
class Pristine {
 public:
  Pristine() {
    const TemporaryDirectory folder;
    const auto journey = open_journey(folder.path());
    const auto profiles = open_profile_store(folder.path() / "profiles.db", sealed_with(1));
    for (int i = 0; i < kShoppers; ++i) {
      const std::string name = "shopper-" + std::to_string(i);
      live_through(*journey, name, i);
      profiles->put(full_profile(name, 1, 1000));
    }
    for (const OutboxRow& row : journey->waiting_after(0, 1000)) payloads_[row.sequence] = row.payload;
    for (const auto& entry : fs::directory_iterator{folder.path()})
      files_[entry.path().filename().string()] = octets_in(entry.path());
    files_.erase("ballast");
  }

  void lay_out(const fs::path& folder) const {
    for (const auto& [name, octets] : files_) write(folder / name, octets);
  }
  [[nodiscard]] const std::string& octets(const std::string& name) const { return files_.at(name); }
  [[nodiscard]] const std::map<std::int64_t, std::string>& payloads() const { return payloads_; }

 private:
  std::map<std::string, std::string> files_;
  std::map<std::int64_t, std::string> payloads_;
};

const Pristine& pristine() {
  static const Pristine one;
  return one;
}

// Reads all there is. What does not come is accounted for, unless the file was begun anew. False: damage was found only
// now, and the daemon would end here, once.
bool read_journey(const fs::path& folder) {
  try {
    const auto journey = open_journey(folder);
    const bool anew = journey->totals().begun_anew > 0;
    if (fs::exists(folder / "journey.db.damaged")) CHECK(anew);
    const auto rows = journey->waiting_after(0, 1000);
    for (const OutboxRow& row : rows) {
      REQUIRE(pristine().payloads().contains(row.sequence));
      CHECK(row.payload == pristine().payloads().at(row.sequence));
    }
    for (int i = 0; i < kShoppers; ++i) {
      (void)journey->history(id("shopper-" + std::to_string(i)));
      (void)journey->decisions(id("shopper-" + std::to_string(i)), 9);
    }
    (void)journey->tracks(capture_instant(kNow));
    const OutboxTotals totals = journey->totals();
    if (!anew) CHECK(static_cast<std::int64_t>(rows.size()) + totals.damaged + totals.missing >= kShoppers);
    CHECK(journey->newest_sequence() >= kShoppers);  // no number comes twice
    journey->transact([&] { journey->record(zone_entered("next")); });
    CHECK(journey->waiting_after(kShoppers, 9).back().id == "next");
    return true;
  } catch (const DamagedFile&) {
    return false;
  }
}

bool read_profiles(const fs::path& folder) {
  try {
    const auto profiles = open_profile_store(folder / "profiles.db", sealed_with(1));
    profiles->for_each_identity([](const Identity&) {});
    profiles->for_each(
        [](const StoredProfile& one) { CHECK(one.profile == full_profile(one.profile.shopper_id.value(), 1, 1000)); });
    (void)profiles->word();
    profiles->put(full_profile("next"));
    return true;
  } catch (const DamagedFile&) {
    return false;
  }
}

// At most one restart until all is well.
void check_comes_back(const fs::path& folder) {
  if (!read_journey(folder)) CHECK(read_journey(folder));
  if (!read_profiles(folder)) CHECK(read_profiles(folder));
}

void check_comes_back_anew(const fs::path& folder) {
  const auto journey = open_journey(folder);
  CHECK(journey->totals().begun_anew == 1);
  CHECK(journey->newest_sequence() > 0);  // the mark knows
  const auto profiles = open_profile_store(folder / "profiles.db", sealed_with(1));
  profiles->for_each([](const StoredProfile&) { FAIL("a profile outlived the damage"); });
  for (const char* name : {"journey.db.damaged", "profiles.db.damaged"}) CHECK(fs::exists(folder / name));
}

}  // namespace

TEST_CASE(
    "case 34: a flipped bit anywhere never keeps the gateway from starting, and never makes it say what is not so") {
  std::mt19937_64 random{seed()};
  const std::string name = GENERATE("journey.db", "journey.db-wal", "journey.mark", "profiles.db", "profiles.db-wal");
  for (int round = 0; round < rounds(15, 100); ++round) {
    std::string octets = pristine().octets(name);
    REQUIRE_FALSE(octets.empty());
    const std::size_t at = random() % octets.size();
    const auto bit = static_cast<unsigned>(random() % 8);
    CAPTURE(seed(), round, name, at, bit);
    octets[at] = static_cast<char>(static_cast<unsigned char>(octets[at]) ^ (1U << bit));
    const TemporaryDirectory folder;
    pristine().lay_out(folder.path());
    write(folder.path() / name, octets);
    check_comes_back(folder.path());
  }
}

TEST_CASE("case 34: files that were cut short, emptied or never ours") {
  std::mt19937_64 random{seed()};
  const std::string name = GENERATE("journey.db", "journey.db-wal", "journey.mark", "profiles.db", "profiles.db-wal");
  for (int round = 0; round < rounds(6, 40); ++round) {
    std::string octets = pristine().octets(name);
    CAPTURE(seed(), round, name);
    if (round % 3 == 0)
      octets.resize(random() % octets.size());
    else if (round % 3 == 1)
      for (char& octet : octets) octet = static_cast<char>(random());
    else
      octets.clear();
    const TemporaryDirectory folder;
    pristine().lay_out(folder.path());
    write(folder.path() / name, octets);
    check_comes_back(folder.path());
  }
}

// The clock is asked in the slow form only, on stores as full as is promised: a busy machine proves nothing.
TEST_CASE("case 34: a full store whose structure is damaged is set aside and begun anew") {
  const int rows = rounds(500, 50'000);
  const int people = rounds(100, 100'000);
  constexpr std::size_t kBodyOctets = 300;
  constexpr std::uintmax_t kPage = 4096;   // SQLite's default; its first octet says what kind of page it is
  constexpr std::size_t kFirstTree = 100;  // behind the file's header
  const TemporaryDirectory folder;
  {
    const auto journey = open_journey(folder.path());
    journey->transact([&] {
      for (int i = 0; i < rows; ++i) journey->record(zone_entered("event-" + std::to_string(i)));
    });
    const auto profiles = open_profile_store(folder.path() / "profiles.db", sealed_with(1));
    profiles->transact([&] {
      for (int i = 0; i < people; ++i) profiles->put(full_profile("shopper-" + std::to_string(i), 1, kBodyOctets));
    });
  }
  const auto damage = [&](const char* name, std::size_t at) {
    std::string octets = octets_in(folder.path() / name);
    octets.at(at) = '\x7F';
    write(folder.path() / name, octets);
  };
  damage("journey.db", fs::file_size(folder.path() / "journey.db") / 2 / kPage * kPage);  // found only by reading all
  damage("profiles.db", kFirstTree);
  const auto began = std::chrono::steady_clock::now();
  check_comes_back_anew(folder.path());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  if (rows < 50'000) return;
  WARN("both in service again after " << took.count() << " s");
  CHECK(took < std::chrono::seconds{30});
}

// E17: SQLite itself takes such a log without a word.
TEST_CASE("case 34: rows behind a flipped bit in the log are told as missing") {
  constexpr int kKept = 5;
  constexpr int kLost = 4;
  constexpr std::size_t kInFirstPage = 200;  // behind the header of the log and that of the frame
  const TemporaryDirectory lived;
  const TemporaryDirectory folder;
  {
    const auto journey = open_journey(lived.path());
    for (int i = 0; i < kKept; ++i) live_through(*journey, "s-1", i);
    journey->scrub();  // the log is empty
    for (int i = 0; i < kLost; ++i) live_through(*journey, "s-2", i);
    for (const char* name : {"journey.db", "journey.db-wal", "journey.mark"})
      fs::copy_file(lived.path() / name, folder.path() / name);
  }
  std::string log = octets_in(folder.path() / "journey.db-wal");
  log[kInFirstPage] = static_cast<char>(log[kInFirstPage] ^ 1);
  write(folder.path() / "journey.db-wal", log);
  const auto journey = open_journey(folder.path());
  CHECK(journey->totals().missing == kLost);
  CHECK(journey->totals().waiting == kKept);
  CHECK(journey->newest_sequence() == kKept + kLost);
}

TEST_CASE("a damaged file is set aside for its owner alone, once, and an erasure removes it, and so does a week") {
  const TemporaryDirectory folder;
  const fs::path journey = folder.path() / "journey.db";
  const fs::path aside = folder.path() / "journey.db.damaged";
  for (int round = 0; round < 2; ++round) {
    pristine().lay_out(folder.path());
    write(journey, pristine().octets("journey.db").substr(0, 5000));
    CHECK(open_journey(folder.path())->newest_sequence() == kShoppers);
    CHECK(fs::file_size(aside) > 0);
    CHECK(fs::status(aside).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  }
  SECTION("an erasure") {
    open_journey(folder.path())->scrub();
  }
  SECTION("a week") {
    fs::last_write_time(aside, fs::file_time_type::clock::now() - std::chrono::hours{7 * 24 + 1});
    (void)open_journey(folder.path());
  }
  CHECK_FALSE(fs::exists(aside));
  CHECK_FALSE(fs::exists(aside.string() + "-wal"));
}

TEST_CASE("a wrong key, a newer version and a file that somebody holds are no damage") {
  const TemporaryDirectory folder;
  pristine().lay_out(folder.path());
  CHECK_THROWS(open_journey_store(folder.path() / "journey.db", journey_options(), sealed_with(2)));
  {
    const auto held = open_journey(folder.path());
    CHECK_THROWS(open_journey(folder.path()));
  }
  Database{folder.path() / "journey.db"}.execute(
      "PRAGMA user_version = 99; UPDATE facts SET value = 99 WHERE name = 'schema'");
  CHECK_THROWS(open_journey(folder.path()));
  CHECK_FALSE(fs::exists(folder.path() / "journey.db.damaged"));
  CHECK(fs::exists(folder.path() / "journey.db"));
}
