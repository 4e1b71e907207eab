// A journey store on a disk with faults, what it was given, and what it must still have when it is opened again.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "drivers/sqlite/open_stores.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/sqlite/faulty_disk.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/drivers/sqlite/canaries.hpp"

namespace beacon_gateway_test {

class StoreWorld {
 public:
  FaultyDisk disk;
  TemporaryDirectory directory;
  std::filesystem::path file = directory.path() / "journey.db";

  [[nodiscard]] std::unique_ptr<sqlite::SqliteJourneyStore> open() const {
    return sqlite::open_journey_store(file, journey_options(), sealed_with(1));
  }

  // Records and ends rows, caps and visits in small transactions, until all is done or the store takes nothing. True:
  // all was done.
  bool work(sqlite::SqliteJourneyStore& store, int transactions = 12) {
    try {
      for (int i = 0; i < transactions; ++i) {
        const std::string name = "event-" + std::to_string(++given_);
        store.transact([&] {
          store.record(zone_entered(name));
          store.remember(id("s-1"), cap_of("s-1"));
          store.save(saved_track("s-1"));
        });
        committed_.insert(name);
        if (i % 3 == 2) end_oldest(store);
      }
    } catch (const StoreUnavailable&) {
      return false;
    }
    return true;
  }

  // Nothing that was committed is missing, unless the store says so; nothing is there that was never given; no number
  // that was read comes again.
  void check(sqlite::SqliteJourneyStore& store) {
    const OutboxTotals totals = store.totals();
    CHECK(totals.recorded == totals.delivered + totals.expired + totals.dead_letter + totals.withdrawn +
                                 totals.evicted + totals.damaged + totals.missing + totals.waiting);
    CHECK(totals.damaged == 0);
    std::set<std::string> waiting;
    std::int64_t newest = 0;
    for (const OutboxRow& row : store.waiting_after(0, 100'000)) {
      CHECK(row.id.starts_with("event-"));
      CHECK(waiting.insert(row.id).second);
      newest = row.sequence;
    }
    std::int64_t lost = 0;
    for (const std::string& name : committed_)
      if (!waiting.contains(name) && !ending_.contains(name)) ++lost;
    CHECK(lost <= totals.missing);
    CHECK(store.newest_sequence() >= newest);
    CHECK(store.newest_sequence() >= highest_read_);
    highest_read_ = std::max(highest_read_, newest);
  }

  // It works as if nothing had been.
  void check_goes_on(sqlite::SqliteJourneyStore& store) {
    const std::int64_t before = store.newest_sequence();
    CHECK(work(store, 1));
    CHECK(store.newest_sequence() == before + 1);
    CHECK(store.history(id("s-1")).size() >= 1);
    CHECK(store.tracks(capture_instant(kNow)).size() == 1);
  }

  // After a loss that was told, only what is there now is asked for.
  void forget_the_past(sqlite::SqliteJourneyStore& store) {
    committed_.clear();
    for (const OutboxRow& row : store.waiting_after(0, 100'000)) committed_.insert(row.id);
  }

 private:
  void end_oldest(sqlite::SqliteJourneyStore& store) {
    const auto rows = store.waiting_after(0, 1);
    if (rows.empty()) return;
    highest_read_ = std::max(highest_read_, rows[0].sequence);
    ending_.insert(rows[0].id);  // from here on it may be gone, or not
    store.transact([&] { store.end_row(rows[0].sequence, RowEnd::delivered); });
  }

  int given_ = 0;
  std::set<std::string> committed_;
  std::set<std::string> ending_;
  std::int64_t highest_read_ = 0;
};

}  // namespace beacon_gateway_test
