// The outbox by its bounds, with damage in it, and taken over from the version before.
#include <fmt/format.h>

#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/drivers/sqlite/canaries.hpp"
#include "tests/unit/drivers/sqlite/earlier_schema.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;
using namespace beacon_gateway_test;
using beacon_gateway::sqlite::Database;
using beacon_gateway::sqlite::SqliteJourneyStore;
using beacon_gateway::sqlite::StoreSeal;

namespace {

sqlite::JourneyStoreOptions bounded(std::int64_t rows, std::int64_t octets = 1'000'000) {
  auto options = journey_options();
  options.bounds = {rows, octets, 72h};
  return options;
}

Event event_of(const std::string& name, EventData data) {
  return {name, id("s-1"), kNow, "visit-of-s-1", std::move(data), false};
}

Event trigger_of(const std::string& name, CampaignKind kind, Duration expires = 1h) {
  Event event = trigger(name, kNow + expires);
  std::get<TriggerEvent>(event.data).kind = kind;
  return event;
}

Event receipt() {
  return make_erasure_event(journey_options().name, id("s-9"), 7, kNow);
}

void record(SqliteJourneyStore& store, const Event& event) {
  store.transact([&] { store.record(event); });
}

// The ids of what must go, in order.
std::string surplus(SqliteJourneyStore& store, std::optional<WallTime> now = kNow) {
  std::string ids;
  for (const OutboxRow& row : store.surplus(now)) ids += row.id + ' ';
  return ids;
}

bool adds_up(const OutboxTotals& t) {
  return t.recorded ==
         t.delivered + t.expired + t.dead_letter + t.withdrawn + t.evicted + t.damaged + t.missing + t.waiting;
}

}  // namespace

TEST_CASE("what is over goes first, then the least worth, of equals the oldest, and a receipt of an erasure never") {
  SqliteJourneyStore store{":memory:", bounded(9)};
  store.transact([&] {
    store.record(receipt());
    store.record(trigger_of("welcome", CampaignKind::welcome));
    store.record(trigger_of("assist", CampaignKind::assist));
    store.record(trigger_of("promotion", CampaignKind::promotion));
    store.record(trigger_of("over", CampaignKind::welcome, 1s));
    store.record(event_of("started", VisitStartedEvent{"door", -60, {}, 3, 1, {}}));
    store.record(event_of("entered", ZoneEnteredEvent{"door"}));
    store.record(event_of("left", ZoneLeftEvent{"door", 5s}));
    store.record(event_of("why", DecisionEvent{"welcome", Outcome::suppressed, Suppression::holdout, {}}));
  });
  CHECK(surplus(store).empty());
  record(store, event_of("ended", VisitEndedEvent{kNow, kNow, {}, {}}));
  CHECK(surplus(store, kNow + 1s) == "over ");
  CHECK(surplus(store, std::nullopt) == "why ");  // nobody knows what is over
  std::string order;
  for (std::string next = surplus(store, kNow + 1s); !next.empty(); next = surplus(store, kNow + 1s)) {
    order += next;
    const std::int64_t gone = store.surplus(kNow + 1s).at(0).sequence;
    store.transact([&] {
      store.end_row(gone, RowEnd::evicted);
      store.record(event_of("duty " + std::to_string(gone), ErasureEvent{"proof"}));
    });
  }
  CHECK(order == "over why entered left started ended promotion welcome assist ");
  CHECK(store.totals().evicted == 9);
  CHECK(store.totals().waiting == 10);  // only what must not go
  CHECK(adds_up(store.totals()));
}

TEST_CASE("octets are bounded as rows are, and some room is made at once") {
  SqliteJourneyStore store{":memory:", bounded(10'000, 200'000)};
  int recorded = 0;
  while (store.surplus(kNow).empty()) record(store, zone_entered(std::to_string(++recorded)));
  CHECK(store.totals().octets > 200'000);
  const auto rows = store.surplus(kNow);
  CHECK(rows.size() > 1);
  CHECK(rows[0].id == "1");
  store.transact([&] {
    for (const OutboxRow& row : rows) store.end_row(row.sequence, RowEnd::evicted);
  });
  CHECK(store.totals().octets < 200'000);
  CHECK(store.totals().octets > 180'000);
  CHECK(store.surplus(kNow).empty());
}

TEST_CASE("what waits is measured the same after a rollback and after a reopening") {
  const TemporaryDirectory directory;
  OutboxTotals before;
  {
    SqliteJourneyStore store{directory.path() / "j.db", journey_options(), sealed_with(1)};
    for (const char* one : {"a", "b", "c"}) record(store, zone_entered(one));
    store.transact([&] { store.end_row(2, RowEnd::delivered); });
    before = store.totals();
    CHECK_THROWS(store.transact([&] {
      store.record(zone_entered("d"));
      store.end_row(1, RowEnd::delivered);
      throw std::runtime_error{"power cut"};
    }));
    CHECK(store.totals().octets == before.octets);
    CHECK(store.totals().waiting == 2);
  }
  SqliteJourneyStore store{directory.path() / "j.db", journey_options(), sealed_with(1)};
  CHECK(store.totals().octets == before.octets);
  CHECK(store.totals().waiting == 2);
}

// E17: the file's own checks see no change of a value.
TEST_CASE("a row that was altered in any column is counted and not sent, but its neighbours are") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "j.db";
  const StoreSeal seal = GENERATE(StoreSeal{}, sealed_with(1));
  const std::string change =
      GENERATE("event = x'01'", "type = 'com.beacongateway.trigger.v2'", "shopper = x'01'", "purpose = 2",
               "campaign = 'other'", "expires_at = expires_at + 1", "ends_at = ends_at + 1", "worth = 0", "body = x''",
               "body = CAST(replace(body, 'visit', 'visiT') || 'x' AS BLOB)", "digest = x''", "sequence = 7");
  {
    SqliteJourneyStore store{file, journey_options(), seal};
    for (const char* one : {"a", "b", "c"}) record(store, trigger(one, kNow + 60s));
  }
  Database{file}.execute(fmt::format("UPDATE outbox SET {} WHERE sequence = 2", change).c_str());
  SqliteJourneyStore store{file, journey_options(), seal};
  std::string sent;
  for (const OutboxRow& row : store.waiting_after(0, 9)) sent += row.id;
  CHECK(sent == "ac");
  CHECK(store.totals().damaged == 1);
  CHECK(store.totals().waiting == 2);
  CHECK(adds_up(store.totals()));
}

// Case 52.
TEST_CASE("a full outbox of the version before is taken over whole, with a new key or not, and can be evicted") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "j.db";
  constexpr int kRows = 2000;
  {
    SqliteJourneyStore store{file, journey_options(), sealed_with(1)};
    store.transact([&] {
      store.record(receipt());
      for (int i = 0; i < kRows; ++i) {
        store.record(trigger("t-" + std::to_string(i), kNow + 60s));
        store.record(zone_entered("z-" + std::to_string(i)));
      }
    });
    store.transact([&] { store.end_row(2, RowEnd::delivered); });
  }
  make_schema_2(file);
  const bool new_key = GENERATE(false, true);
  const StoreSeal seal = new_key ? StoreSeal{store_key(2), store_key(1)} : sealed_with(1);
  SqliteJourneyStore store{file, bounded(100), seal};
  CHECK(store.waiting_after(0, 9999).size() == 2 * kRows);
  CHECK(store.totals().damaged == 0);
  CHECK(store.totals().recorded == 2 * kRows + 1);
  CHECK(store.newest_sequence() == 2 * kRows + 1);
  CHECK(store.next_expiry() == kNow + 60s);
  CHECK(store.expired_at(kNow + 72h, 9999).size() == 2 * kRows - 1);  // all but the receipt
  CHECK(store.surplus(kNow).at(0).id == "z-0");
  record(store, zone_entered("next"));
  CHECK(store.newest_sequence() == 2 * kRows + 2);
  CHECK(adds_up(store.totals()));
}

TEST_CASE("a take-over that fails leaves the file as the version before knows it") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "j.db";
  {
    SqliteJourneyStore store{file, journey_options(), sealed_with(1)};
    record(store, zone_entered("a"));
  }
  make_schema_2(file);
  Database{file}.execute("INSERT INTO facts VALUES ('newest', 1)");  // which the take-over does not expect
  CHECK_THROWS((SqliteJourneyStore{file, journey_options(), sealed_with(1)}));
  {
    Database database{file};
    CHECK(database.schema() == 2);
    CHECK_NOTHROW(database.execute("SELECT body FROM outbox INDEXED BY outbox_expiry WHERE expires_at > 0"));
    database.execute("DELETE FROM facts WHERE name = 'newest'");
  }
  SqliteJourneyStore store{file, journey_options(), sealed_with(1)};
  CHECK(store.waiting_after(0, 9).size() == 1);
}
