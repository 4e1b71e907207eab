#include "drivers/sqlite/sqlite_journey_store.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/drivers/sqlite/store_files.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;
using beacon_gateway::sqlite::DatabaseError;
using beacon_gateway::sqlite::JourneyStoreOptions;
using beacon_gateway::sqlite::SqliteJourneyStore;
using beacon_gateway_test::files_with;
using beacon_gateway_test::TemporaryDirectory;

namespace {

const WallTime kNow{Duration{1'795'000'000'000'000}};  // an instant of November 2026

ShopperId id(const std::string& text) {
  return ShopperId::parse(text).value();
}

JourneyStoreOptions options() {
  Zone door;
  door.id = "door";
  Shop shop;
  shop.zones = {door};
  shop.scanners = {{"hci0", 0, 0}};
  return {{"acme", "s-1", "gw-1"}, shop, false};
}

Event zone_entered(const std::string& event_id, const std::string& shopper = "s-1") {
  return {event_id, id(shopper), kNow, "visit-1", ZoneEnteredEvent{"door"}, false};
}

Event trigger(const std::string& event_id, WallTime expires, const std::string& shopper = "s-1") {
  TriggerEvent data;
  data.campaign = "welcome";
  data.trigger.expires_at = expires;
  data.trigger.message = {"Hello, nickname-of-" + shopper, "Come in", ""};
  return {event_id, id(shopper), kNow, "visit-1", data, false};
}

void record(SqliteJourneyStore& store, const Event& event) {
  store.transact([&] { store.record(event); });
}

std::vector<std::int64_t> sequences(SqliteJourneyStore& store) {
  std::vector<std::int64_t> result;
  for (const OutboxRow& row : store.waiting_after(0, 100)) result.push_back(row.sequence);
  return result;
}

using Sequences = std::vector<std::int64_t>;

SavedTrack saved_track(const std::string& shopper) {
  SavedTrack saved{id(shopper), {}, {"visit-1", Assurance::fixed, true, {{"type/zone", 2}}}};
  saved.track.levels = {ScannerLevel{-61.234567890123456, capture_instant(kNow)}};
  saved.track.visit = Visit{capture_instant(kNow), capture_instant(kNow), std::nullopt, {{0, 5s}}, 0};
  return saved;
}

}  // namespace

TEST_CASE("a row comes back as it was recorded") {
  SqliteJourneyStore store{":memory:", options()};
  record(store, trigger("e-1", kNow + 60s));
  const auto rows = store.waiting_after(0, 10);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].sequence == 1);
  CHECK(rows[0].id == "e-1");
  CHECK(rows[0].type == "com.beacongateway.trigger.v1");
  CHECK(rows[0].shopper_id == id("s-1"));
  CHECK(rows[0].purpose == Purpose::welcome);
  CHECK(rows[0].visit_id == "visit-1");
  CHECK(rows[0].campaign == "welcome");
  CHECK(rows[0].expires_at == kNow + 60s);
  CHECK(rows[0].payload.find(R"("sequence":1)") != std::string::npos);
  CHECK(rows[0].payload.find(R"("source":"/acme/s-1/gw-1")") != std::string::npos);
}

TEST_CASE("sequence numbers have no gaps, whatever is rolled back or closed in between") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "j.db";
  {
    SqliteJourneyStore store{file, options()};
    record(store, zone_entered("a"));
    CHECK_THROWS_AS(store.transact([&] {
      store.record(zone_entered("b"));
      store.record(zone_entered("c"));
      throw std::runtime_error{"power cut"};
    }),
                    std::runtime_error);
    CHECK(store.newest_sequence() == 1);
    record(store, zone_entered("d"));
    store.transact([&] {
      store.end_row(1, RowEnd::delivered);
      store.end_row(2, RowEnd::delivered);
    });
  }
  SqliteJourneyStore store{file, options()};
  CHECK(store.newest_sequence() == 2);
  record(store, zone_entered("e"));
  CHECK(sequences(store) == Sequences{3});
  CHECK(store.newest_sequence() == 3);
}

TEST_CASE("two events with one id are a bug that does not get into the outbox") {
  SqliteJourneyStore store{":memory:", options()};
  record(store, zone_entered("same"));
  CHECK_THROWS_AS(record(store, zone_entered("same")), DatabaseError);
  CHECK(store.totals().recorded == 1);
  CHECK(store.totals().waiting == 1);
}

TEST_CASE("a transaction is all or nothing: rows, caps, decisions, tracks, the place in the capture") {
  SqliteJourneyStore store{":memory:", options()};
  const auto everything = [&] {
    store.record(trigger("e-1", kNow + 60s));
    store.remember(id("s-1"), {"welcome", CampaignKind::welcome, "visit-1", kNow, {}, false});
    store.note(id("s-1"), {kNow, "visit-1", "welcome", "trigger", ""});
    store.save(saved_track("s-1"));
    store.save_position({kNow, 3});
  };
  CHECK_THROWS(store.transact([&] {
    everything();
    throw std::runtime_error{"power cut"};
  }));
  CHECK(store.totals().recorded == 0);
  CHECK(store.waiting_after(0, 1).empty());
  CHECK(store.history(id("s-1")).empty());
  CHECK(store.decisions(id("s-1"), 1).empty());
  CHECK(store.tracks(capture_instant(kNow)).empty());
  CHECK_FALSE(store.position());
  CHECK(store.newest_event_time() == WallTime{});

  store.transact(everything);
  CHECK(store.totals().recorded == 1);
  CHECK(store.history(id("s-1")).size() == 1);
  CHECK(store.decisions(id("s-1"), 1).size() == 1);
  CHECK(store.position() == CapturePosition{kNow, 3});
  CHECK(store.newest_event_time() == kNow);
}

TEST_CASE("tracks, caps and the place in the capture survive a reopening exactly") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "j.db";
  const CapRecord cap{
      "welcome", CampaignKind::survey, "visit-1", kNow, std::chrono::local_days{std::chrono::days{20'000}}, true};
  {
    SqliteJourneyStore store{file, options()};
    store.transact([&] {
      store.save(saved_track("s-1"));
      store.save(saved_track("s-2"));
      store.drop_track(id("s-2"));
      store.remember(id("s-1"), cap);
      store.save_position({kNow, 2});
    });
  }
  SqliteJourneyStore store{file, options()};
  const auto tracks = store.tracks(capture_instant(kNow));
  REQUIRE(tracks.size() == 1);
  CHECK(tracks[0].shopper_id == id("s-1"));
  CHECK(tracks[0].track == saved_track("s-1").track);
  CHECK(tracks[0].visit == saved_track("s-1").visit);
  CHECK(store.position() == CapturePosition{kNow, 2});
  const auto history = store.history(id("s-1"));
  REQUIRE(history.size() == 1);
  CHECK(history[0].campaign == cap.campaign);
  CHECK(history[0].kind == cap.kind);
  CHECK(history[0].at == cap.at);
  CHECK(history[0].date == cap.date);
  CHECK(history[0].holdout);
}

TEST_CASE("totals add up whatever becomes of the rows, and a row ends once") {
  SqliteJourneyStore store{":memory:", options()};
  for (const char* one : {"a", "b", "c", "d", "e", "f"}) record(store, zone_entered(one));
  record(store, zone_entered("g", "s-2"));
  store.transact([&] {
    store.end_row(1, RowEnd::delivered);
    store.end_row(1, RowEnd::expired);
    store.end_row(2, RowEnd::expired);
    store.end_row(3, RowEnd::dead_letter);
    store.end_row(4, RowEnd::withdrawn);
    store.end_row(99, RowEnd::delivered);
  });
  store.transact([&] { store.withdraw(id("s-2"), Purpose::welcome); });  // needs presence: stays
  const auto check = [&](std::int64_t withdrawn, std::int64_t waiting) {
    const OutboxTotals totals = store.totals();
    CHECK(totals.recorded == 7);
    CHECK(totals.delivered == 1);
    CHECK(totals.expired == 1);
    CHECK(totals.dead_letter == 1);
    CHECK(totals.withdrawn == withdrawn);
    CHECK(totals.waiting == waiting);
  };
  check(1, 3);
  store.transact([&] { store.withdraw(id("s-2"), Purpose::presence); });
  check(2, 2);
  store.erase(id("s-1"));
  check(4, 0);
}

TEST_CASE("expiry: the next one, and what it takes, in order and inclusive") {
  SqliteJourneyStore store{":memory:", options()};
  CHECK_FALSE(store.next_expiry());
  record(store, trigger("late", kNow + 60s));
  record(store, zone_entered("never"));
  record(store, trigger("soon", kNow + 10s));
  CHECK(store.next_expiry() == kNow + 10s);
  CHECK(store.expired_at(kNow + 10s - 1us, 9).empty());
  CHECK(store.expired_at(kNow + 10s, 9).size() == 1);
  const auto both = store.expired_at(kNow + 60s, 9);
  REQUIRE(both.size() == 2);
  CHECK(both[0].id == "late");
  CHECK(store.expired_at(kNow + 60s, 1).size() == 1);
}

TEST_CASE("caps and decisions are forgotten by their own age, and the newest decisions come first") {
  SqliteJourneyStore store{":memory:", options()};
  store.transact([&] {
    for (int hour = 0; hour < 4; ++hour) {
      const WallTime at = kNow + std::chrono::hours{hour};
      store.remember(id("s-1"), {"welcome", CampaignKind::welcome, "v", at, {}, false});
      store.note(id("s-1"), {at, "v", "welcome", "trigger", ""});
    }
    store.forget_before(kNow + 2h, kNow + 1h);
  });
  CHECK(store.history(id("s-1")).size() == 2);
  CHECK(store.history(id("s-1")).front().at == kNow + 2h);
  const auto decisions = store.decisions(id("s-1"), 2);
  REQUIRE(decisions.size() == 2);
  CHECK(decisions[0].at == kNow + 3h);
  CHECK(decisions[1].at == kNow + 2h);
  CHECK(store.decisions(id("s-1"), 9).size() == 3);
}

TEST_CASE("erasure leaves no trace of a person in any file") {
  const TemporaryDirectory directory;
  SqliteJourneyStore store{directory.path() / "j.db", options()};
  for (const std::string shopper : {"shopper-to-go", "shopper-to-stay"})
    for (int i = 0; i < 50; ++i)
      store.transact([&] {
        store.record(trigger(shopper + std::to_string(i), kNow + 60s, shopper));
        store.remember(id(shopper), {"welcome", CampaignKind::welcome, "visit-1", kNow, {}, false});
        store.note(id(shopper), {kNow, "visit-1", "welcome", "trigger", ""});
        store.save(saved_track(shopper));
      });
  REQUIRE(files_with(directory.path(), "shopper-to-go") != "");
  store.erase(id("shopper-to-go"));
  CHECK(files_with(directory.path(), "shopper-to-go") == "");
  CHECK(files_with(directory.path(), "nickname-of-shopper-to-go") == "");
  CHECK(files_with(directory.path(), "shopper-to-stay") != "");
  CHECK(store.totals().withdrawn == 50);
}

TEST_CASE("what was committed is there after the process was killed") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "j.db";
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    SqliteJourneyStore store{file, options()};
    record(store, zone_entered("committed"));
    store.transact([&] {
      store.record(zone_entered("not committed"));
      ::kill(::getpid(), SIGKILL);
    });
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  SqliteJourneyStore store{file, options()};
  const auto rows = store.waiting_after(0, 10);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].id == "committed");
  record(store, zone_entered("next"));
  CHECK(store.newest_sequence() == 2);
}
