// Case 52: the gateway dies at whichever call of the disk while it takes a full outbox over from the version before,
// with a new key or not. What the next start finds is the one version or the other, whole.
#include "drivers/sqlite/sequence_mark.hpp"
#include "tests/faults/seed.hpp"
#include "tests/faults/store_world.hpp"
#include "tests/unit/drivers/sqlite/earlier_schema.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using beacon_gateway::sqlite::Database;
using beacon_gateway::sqlite::StoreSeal;

namespace {

enum class Death { kill, power_cut };

constexpr std::int64_t kOldSchema = 2;
constexpr std::int64_t kNewSchema = 3;

// So many rows that the upgrade's transaction does not fit the log at once: SQLite writes it out in between.
int rows() {
  return rounds(150, 400);
}

// A journey that the version before left full.
class OldWorld {
 public:
  FaultyDisk disk;

  OldWorld() {
    {
      const auto store = open(sealed_with(1));
      store->transact([&] {
        for (int i = 0; i < rows(); ++i) store->record(zone_entered("event-" + std::to_string(i)));
      });
    }
    make_schema_2(file());
  }

  [[nodiscard]] std::unique_ptr<sqlite::SqliteJourneyStore> open(const StoreSeal& seal) const {
    return sqlite::open_journey_store(file(), journey_options(), seal);
  }
  [[nodiscard]] std::filesystem::path file() const { return directory_.path() / "journey.db"; }

  // Starts the new version, and dies at that call of the disk.
  void die_while_starting(int call, Death death, const StoreSeal& seal, std::mt19937_64& random) {
    disk.cut_power_at(call);
    try {
      (void)open(seal);
    } catch (const StoreUnavailable&) {  // or none, at the last calls: nobody asks how closing went
    }
    died_ = disk.calls() >= call;
    if (death == Death::power_cut)
      disk.restore_power(random);
    else
      disk.survive_kill();
  }

  [[nodiscard]] bool died() const { return died_; }

  // What the version before would find.
  [[nodiscard]] std::int64_t check_either_version() const {
    Database database{file()};
    std::int64_t count = 0;
    database.prepare("SELECT count(*) FROM outbox").run([&](auto& row) { count = row.integer(0); });
    CHECK(count == rows());
    CHECK_FALSE(database.prepare("SELECT 1 FROM sqlite_master WHERE name IN ('old', 'outbox_2')").any());
    if (database.schema() == kOldSchema)
      CHECK_NOTHROW(database.execute("SELECT body FROM outbox INDEXED BY outbox_expiry WHERE expires_at > 0"));
    return database.schema();
  }

  void check_taken_over(const StoreSeal& seal) const {
    const auto store = open(seal);
    std::int64_t next = 1;
    for (const OutboxRow& row : store->waiting_after(0, 100'000)) {
      CHECK(row.sequence == next);
      CHECK(row.id == "event-" + std::to_string(next - 1));
      ++next;
    }
    CHECK(next == rows() + 1);
    CHECK(store->totals().damaged == 0);
    CHECK(store->totals().missing == 0);
    CHECK(store->totals().begun_anew == 0);
    store->transact([&] { store->record(zone_entered("next")); });
    CHECK(store->newest_sequence() == rows() + 1);
  }

 private:
  TemporaryDirectory directory_;
  bool died_ = false;
};

int calls_of_an_upgrade(const StoreSeal& seal) {
  OldWorld world;
  world.disk.fail_at(0, FaultyDisk::Fault::none);
  {
    (void)world.open(seal);
  }
  const int calls = world.disk.calls();
  REQUIRE(world.check_either_version() == kNewSchema);
  return calls;
}

}  // namespace

TEST_CASE("case 52: whenever the gateway dies while it takes over an outbox, the next start has all of it") {
  std::mt19937_64 random{seed()};
  const Death death = GENERATE(Death::kill, Death::power_cut);
  const bool new_key = GENERATE(false, true);
  const StoreSeal seal = new_key ? StoreSeal{store_key(2), store_key(1)} : sealed_with(1);
  const int calls = calls_of_an_upgrade(seal);
  REQUIRE(calls > 50);
  const int step = rounds(13, 1);
  std::map<std::int64_t, int> found;  // how often which schema
  for (int call = 1 + static_cast<int>(seed() % static_cast<unsigned>(step)); call <= calls; call += step) {
    CAPTURE(seed(), call, static_cast<int>(death), new_key);
    OldWorld world;
    world.die_while_starting(call, death, seal, random);
    REQUIRE(world.died());
    ++found[world.check_either_version()];
    world.die_while_starting(1 + static_cast<int>(random() % static_cast<unsigned>(calls)), death, seal, random);
    (void)world.check_either_version();
    world.check_taken_over(seal);
  }
  CHECK(found[kOldSchema] > 0);
  CHECK(found[kNewSchema] > 0);
}

TEST_CASE("case 52: an outbox of a newer version is refused and stays as it is, octet by octet") {
  OldWorld world;
  {
    (void)world.open(sealed_with(1));
  }
  Database{world.file()}.execute(
      "PRAGMA user_version = 99; UPDATE facts SET value = 99 WHERE name = 'schema'; ALTER TABLE outbox ADD more TEXT");
  const std::string before = world.disk.contents(world.file());
  CHECK_THROWS_WITH(world.open(sealed_with(1)), ContainsSubstring("newer version"));
  CHECK(world.disk.contents(world.file()) == before);
  CHECK(before.size() > static_cast<std::size_t>(rows()) * 100);
}
