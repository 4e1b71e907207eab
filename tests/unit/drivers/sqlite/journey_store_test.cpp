#include "drivers/sqlite/sqlite_journey_store.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/drivers/sqlite/canaries.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;
using namespace beacon_gateway_test;
using beacon_gateway::sqlite::SqliteJourneyStore;

namespace {

void record(SqliteJourneyStore& store, const Event& event) {
  store.transact([&] { store.record(event); });
}

std::vector<std::int64_t> sequences(SqliteJourneyStore& store) {
  std::vector<std::int64_t> result;
  for (const OutboxRow& row : store.waiting_after(0, 100)) result.push_back(row.sequence);
  return result;
}

using Sequences = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a row comes back as it was recorded") {
  SqliteJourneyStore store{":memory:", journey_options()};
  record(store, trigger("e-1", kNow + 60s));
  const auto rows = store.waiting_after(0, 10);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].sequence == 1);
  CHECK(rows[0].id == "e-1");
  CHECK(rows[0].type == "com.beacongateway.trigger.v1");
  CHECK(rows[0].shopper_id == id("s-1"));
  CHECK(rows[0].purpose == Purpose::welcome);
  CHECK(rows[0].visit_id == "visit-of-s-1");
  CHECK(rows[0].campaign == "welcome");
  CHECK(rows[0].expires_at == kNow + 60s);
  CHECK(rows[0].payload.find(R"("sequence":1)") != std::string::npos);
  CHECK(rows[0].payload.find(R"("source":"/acme/s-1/gw-1")") != std::string::npos);
}

TEST_CASE("sequence numbers have no gaps, whatever is rolled back or closed in between") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "j.db";
  {
    SqliteJourneyStore store{file, journey_options(), sealed_with(1)};
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
  SqliteJourneyStore store{file, journey_options(), sealed_with(1)};
  CHECK(store.newest_sequence() == 2);
  record(store, zone_entered("e"));
  CHECK(sequences(store) == Sequences{3});
  CHECK(store.newest_sequence() == 3);
}

TEST_CASE("an event whose id waits already is passed over: no number, no row, and once it has gone, it is recorded") {
  SqliteJourneyStore store{":memory:", journey_options()};
  record(store, zone_entered("same"));
  store.transact([&] {
    store.record(zone_entered("same"));
    store.record(zone_entered("another"));
    store.record(zone_entered("another"));
  });
  CHECK(store.totals().recorded == 2);
  CHECK(sequences(store) == Sequences{1, 2});
  store.transact([&] {
    store.end_row(1, RowEnd::delivered);
    store.record(zone_entered("same"));
  });
  CHECK(sequences(store) == Sequences{2, 3});
}

TEST_CASE("the receipt of an erasure needs no consent, belongs to no visit, and outlives the person") {
  SqliteJourneyStore store{":memory:", journey_options()};
  const Event receipt = make_erasure_event(journey_options().name, id("s-1"), 7, kNow);
  store.transact([&] {
    store.record(zone_entered("a"));
    store.erase(std::vector{id("s-1")});
    store.record(receipt);
  });
  store.transact([&] {
    store.erase(std::vector{id("s-1")});
    for (std::size_t i = 0; i < kPurposeCount; ++i) store.withdraw(receipt.subject, static_cast<Purpose>(i));
  });
  store.scrub();
  const auto rows = store.waiting_after(0, 9);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].id == receipt.id);
  CHECK_FALSE(rows[0].purpose);
  CHECK(rows[0].visit_id.empty());
  CHECK(rows[0].shopper_id == receipt.subject);
}

TEST_CASE("a transaction is all or nothing: rows, caps, decisions, tracks, the place in the capture") {
  SqliteJourneyStore store{":memory:", journey_options()};
  const auto everything = [&] {
    store.record(trigger("e-1", kNow + 60s));
    store.remember(id("s-1"), {"welcome", CampaignKind::welcome, "visit-of-s-1", kNow, {}, false});
    store.note(id("s-1"), {kNow, "visit-of-s-1", "welcome", "trigger", ""});
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
      "welcome", CampaignKind::survey, "visit-of-s-1", kNow, std::chrono::local_days{std::chrono::days{20'000}}, true};
  {
    SqliteJourneyStore store{file, journey_options(), sealed_with(1)};
    store.transact([&] {
      store.save(saved_track("s-1"));
      store.save(saved_track("s-2"));
      store.drop_track(id("s-2"));
      store.remember(id("s-1"), cap);
      store.save_position({kNow, 2});
    });
  }
  SqliteJourneyStore store{file, journey_options(), sealed_with(1)};
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
  SqliteJourneyStore store{":memory:", journey_options()};
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
  store.transact([&] { store.erase(std::vector{id("s-1"), id("s-9")}); });
  check(4, 0);
}

TEST_CASE("expiry: the next one, and what it takes, in order and inclusive") {
  SqliteJourneyStore store{":memory:", journey_options()};
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
  SqliteJourneyStore store{":memory:", journey_options()};
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

TEST_CASE("caps of a shopper who is still there stay, however old") {
  SqliteJourneyStore store{":memory:", journey_options()};
  store.transact([&] {
    store.remember(id("s-1"), cap_of("s-1"));
    store.remember(id("s-2"), cap_of("s-2"));
    store.save(saved_track("s-1"));
    store.forget_before(kNow + 1h, kNow);
  });
  CHECK(store.history(id("s-1")).size() == 1);
  CHECK(store.history(id("s-2")).empty());
}

TEST_CASE("visits come in the order of the pseudonyms, in whatever order they were saved") {
  SqliteJourneyStore store{":memory:", journey_options(), sealed_with(1)};
  store.transact([&] {
    for (const char* one : {"s-3", "s-1", "s-4", "s-2"}) store.save(saved_track(one));
  });
  std::string order;
  for (const SavedTrack& one : store.tracks(capture_instant(kNow))) order += one.shopper_id.value() + ' ';
  CHECK(order == "s-1 s-2 s-3 s-4 ");
}

TEST_CASE("what was committed is there after the process was killed") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "j.db";
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    SqliteJourneyStore store{file, journey_options(), sealed_with(1)};
    record(store, zone_entered("committed"));
    store.transact([&] {
      store.record(zone_entered("not committed"));
      ::kill(::getpid(), SIGKILL);
    });
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  SqliteJourneyStore store{file, journey_options(), sealed_with(1)};
  const auto rows = store.waiting_after(0, 10);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].id == "committed");
  record(store, zone_entered("next"));
  CHECK(store.newest_sequence() == 2);
}
