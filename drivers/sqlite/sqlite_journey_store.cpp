#include "drivers/sqlite/sqlite_journey_store.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cassert>

#include "messages/event_json.hpp"
#include "messages/track_json.hpp"

namespace beacon_gateway::sqlite {
namespace {

// Times are UTC microseconds; dates are days since 1970-01-01.
constexpr const char* kFirstSchema = R"sql(
  CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE outbox (
    sequence   INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    type       TEXT NOT NULL,
    shopper_id TEXT NOT NULL,
    purpose    INTEGER NOT NULL,
    visit_id   TEXT NOT NULL,
    campaign   TEXT NOT NULL,
    expires_at INTEGER,
    payload    TEXT NOT NULL
  ) STRICT;
  CREATE INDEX outbox_expiry ON outbox (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX outbox_shopper ON outbox (shopper_id);
  CREATE TABLE caps (
    shopper_id TEXT NOT NULL,
    campaign   TEXT NOT NULL,
    kind       INTEGER NOT NULL,
    visit_id   TEXT NOT NULL,
    at         INTEGER NOT NULL,
    date       INTEGER NOT NULL,
    holdout    INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX caps_shopper ON caps (shopper_id, at);
  CREATE INDEX caps_at ON caps (at);
  CREATE TABLE decisions (
    shopper_id TEXT NOT NULL,
    at         INTEGER NOT NULL,
    visit_id   TEXT NOT NULL,
    campaign   TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    reason     TEXT NOT NULL
  ) STRICT;
  CREATE INDEX decisions_shopper ON decisions (shopper_id, at);
  CREATE INDEX decisions_at ON decisions (at);
  CREATE TABLE tracks (shopper_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array<const char*, 4> kEndFacts{"delivered", "expired", "dead_letter", "withdrawn"};

std::int64_t micros(WallTime at) {
  return at.time_since_epoch().count();
}
WallTime from_micros(std::int64_t value) {
  return WallTime{Duration{value}};
}

// What was stored went through ShopperId::parse before.
ShopperId stored_shopper(const std::string& text) {
  const auto id = ShopperId::parse(text);
  if (!id) throw DatabaseError("a stored shopper_id is damaged");
  return *id;
}

constexpr const char* kRowColumns =
    "SELECT sequence, id, type, shopper_id, purpose, visit_id, campaign, expires_at, payload FROM outbox ";

std::vector<OutboxRow> read_rows(Statement& statement) {
  std::vector<OutboxRow> rows;
  statement.run([&](Statement& row) {
    rows.push_back({row.integer(0), row.text(1), row.text(2), stored_shopper(row.text(3)),
                    static_cast<Purpose>(row.integer(4)), row.text(5), row.text(6),
                    row.is_null(7) ? std::nullopt : std::optional{from_micros(row.integer(7))}, row.text(8)});
  });
  return rows;
}

}  // namespace

SqliteJourneyStore::SqliteJourneyStore(const std::filesystem::path& path, JourneyStoreOptions options)
    : database_(path), options_(std::move(options)) {
  database_.migrate({kFirstSchema});
  newest_sequence_ = fact("recorded");
}

void SqliteJourneyStore::reconfigure(const Shop& shop) {
  options_.shop = shop;
}

void SqliteJourneyStore::transact(const std::function<void()>& work) {
  const std::int64_t before = newest_sequence_;
  try {
    database_.transact(work);
  } catch (...) {
    newest_sequence_ = before;  // what was recorded meanwhile never happened
    throw;
  }
}

std::int64_t SqliteJourneyStore::fact(const char* name) {
  std::int64_t value = 0;
  database_.prepare("SELECT value FROM facts WHERE name = ?").bind(1, std::string_view{name}).run([&](Statement& row) {
    value = row.integer(0);
  });
  return value;
}

void SqliteJourneyStore::set_fact(const char* name, std::int64_t value) {
  database_.prepare("INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
      .bind(1, std::string_view{name})
      .bind(2, value)
      .run();
}

void SqliteJourneyStore::record(const Event& event) {
  assert(database_.in_transaction());
  const std::int64_t sequence = fact("recorded") + 1;  // asked each time: a transaction may have been rolled back
  Statement insert = database_.prepare("INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, sequence)
      .bind(2, event.id)
      .bind(3, event_type(event.data))
      .bind(4, event.subject.value())
      .bind(5, static_cast<std::int64_t>(purpose_needed(event.data)))
      .bind(6, event.visit_id);
  const auto* trigger = std::get_if<TriggerEvent>(&event.data);
  insert.bind(7, trigger != nullptr ? std::string_view{trigger->campaign} : std::string_view{});
  if (const auto expiry = expires_at(event.data))
    insert.bind(8, micros(*expiry));
  else
    insert.bind_null(8);
  insert.bind(9, event_to_json(event, {options_.name, sequence, options_.replayed})).run();
  set_fact("recorded", sequence);
  set_fact("newest_event_time", micros(event.time));
  newest_sequence_ = sequence;
}

void SqliteJourneyStore::remember(const ShopperId& shopper, const CapRecord& cap) {
  assert(database_.in_transaction());
  database_.prepare("INSERT INTO caps VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(1, shopper.value())
      .bind(2, cap.campaign)
      .bind(3, static_cast<std::int64_t>(cap.kind))
      .bind(4, cap.visit_id)
      .bind(5, micros(cap.at))
      .bind(6, cap.date.time_since_epoch().count())
      .bind(7, cap.holdout ? 1 : 0)
      .run();
}

void SqliteJourneyStore::note(const ShopperId& shopper, const DecisionRecord& decision) {
  assert(database_.in_transaction());
  database_.prepare("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?)")
      .bind(1, shopper.value())
      .bind(2, micros(decision.at))
      .bind(3, decision.visit_id)
      .bind(4, decision.campaign)
      .bind(5, decision.outcome)
      .bind(6, decision.reason)
      .run();
}

void SqliteJourneyStore::save(const SavedTrack& track) {
  assert(database_.in_transaction());
  database_.prepare("INSERT INTO tracks VALUES (?, ?) ON CONFLICT (shopper_id) DO UPDATE SET body = excluded.body")
      .bind(1, track.shopper_id.value())
      .bind(2, track_to_json(track.track, track.visit, options_.shop))
      .run();
}

void SqliteJourneyStore::drop_track(const ShopperId& shopper) {
  assert(database_.in_transaction());
  database_.prepare("DELETE FROM tracks WHERE shopper_id = ?").bind(1, shopper.value()).run();
}

void SqliteJourneyStore::save_position(const CapturePosition& position) {
  assert(database_.in_transaction());
  set_fact("capture_time", micros(position.at));
  set_fact("capture_count", position.count);
}

void SqliteJourneyStore::end_row(std::int64_t sequence, RowEnd end) {
  assert(database_.in_transaction());
  if (!database_.prepare("DELETE FROM outbox WHERE sequence = ? RETURNING 1").bind(1, sequence).any()) return;
  const char* total = kEndFacts[static_cast<std::size_t>(end)];
  set_fact(total, fact(total) + 1);
}

void SqliteJourneyStore::withdraw(const ShopperId& shopper, Purpose purpose) {
  assert(database_.in_transaction());
  std::int64_t gone = 0;
  database_.prepare("DELETE FROM outbox WHERE shopper_id = ? AND purpose = ? RETURNING 1")
      .bind(1, shopper.value())
      .bind(2, static_cast<std::int64_t>(purpose))
      .run([&](Statement&) { ++gone; });
  set_fact("withdrawn", fact("withdrawn") + gone);
}

void SqliteJourneyStore::erase(const ShopperId& shopper) {
  transact([&] {
    for (std::size_t i = 0; i < kPurposeCount; ++i) withdraw(shopper, static_cast<Purpose>(i));
    for (const char* sql : {"DELETE FROM caps WHERE shopper_id = ?", "DELETE FROM decisions WHERE shopper_id = ?",
                            "DELETE FROM tracks WHERE shopper_id = ?"})
      database_.prepare(sql).bind(1, shopper.value()).run();
  });
  database_.truncate_log();
}

void SqliteJourneyStore::forget_before(WallTime caps, WallTime decisions) {
  assert(database_.in_transaction());
  database_.prepare("DELETE FROM caps WHERE at < ? AND shopper_id NOT IN (SELECT shopper_id FROM tracks)")
      .bind(1, micros(caps))
      .run();
  database_.prepare("DELETE FROM decisions WHERE at < ?").bind(1, micros(decisions)).run();
}

std::vector<CapRecord> SqliteJourneyStore::history(const ShopperId& shopper) {
  std::vector<CapRecord> result;
  database_
      .prepare("SELECT campaign, kind, visit_id, at, date, holdout FROM caps WHERE shopper_id = ? ORDER BY at, rowid")
      .bind(1, shopper.value())
      .run([&](Statement& row) {
        result.push_back({row.text(0), static_cast<CampaignKind>(row.integer(1)), row.text(2),
                          from_micros(row.integer(3)), std::chrono::local_days{std::chrono::days{row.integer(4)}},
                          row.integer(5) != 0});
      });
  return result;
}

std::vector<DecisionRecord> SqliteJourneyStore::decisions(const ShopperId& shopper, std::size_t most) {
  std::vector<DecisionRecord> result;
  database_
      .prepare(
          "SELECT at, visit_id, campaign, outcome, reason FROM decisions WHERE shopper_id = ?"
          " ORDER BY at DESC, rowid DESC LIMIT ?")
      .bind(1, shopper.value())
      .bind(2, static_cast<std::int64_t>(most))
      .run([&](Statement& row) {
        result.push_back({from_micros(row.integer(0)), row.text(1), row.text(2), row.text(3), row.text(4)});
      });
  return result;
}

std::vector<SavedTrack> SqliteJourneyStore::tracks(const Instant& now) {
  std::vector<SavedTrack> result;
  database_.prepare("SELECT shopper_id, body FROM tracks ORDER BY shopper_id").run([&](Statement& row) {
    const ShopperId shopper = stored_shopper(row.text(0));
    auto saved = track_from_json(row.text(1), options_.shop, now);
    if (!saved) {
      spdlog::warn("{} in the store cannot be read: that shopper starts anew", shopper.masked());
      return;
    }
    result.push_back({shopper, std::move(saved->track), std::move(saved->visit)});
  });
  return result;
}

std::optional<CapturePosition> SqliteJourneyStore::position() {
  const std::int64_t at = fact("capture_time");
  if (at == 0) return std::nullopt;
  return CapturePosition{from_micros(at), fact("capture_count")};
}

WallTime SqliteJourneyStore::newest_event_time() {
  return from_micros(fact("newest_event_time"));
}

std::vector<OutboxRow> SqliteJourneyStore::waiting_after(std::int64_t sequence, std::size_t most) {
  Statement select =
      database_.prepare((std::string{kRowColumns} + "WHERE sequence > ? ORDER BY sequence LIMIT ?").c_str());
  return read_rows(select.bind(1, sequence).bind(2, static_cast<std::int64_t>(most)));
}

std::int64_t SqliteJourneyStore::newest_sequence() {
  return newest_sequence_;
}

std::optional<WallTime> SqliteJourneyStore::next_expiry() {
  std::optional<WallTime> next;
  database_.prepare("SELECT min(expires_at) FROM outbox WHERE expires_at IS NOT NULL").run([&](Statement& row) {
    if (!row.is_null(0)) next = from_micros(row.integer(0));
  });
  return next;
}

std::vector<OutboxRow> SqliteJourneyStore::expired_at(WallTime now, std::size_t most) {
  Statement select =
      database_.prepare((std::string{kRowColumns} + "WHERE expires_at <= ? ORDER BY sequence LIMIT ?").c_str());
  return read_rows(select.bind(1, micros(now)).bind(2, static_cast<std::int64_t>(most)));
}

OutboxTotals SqliteJourneyStore::totals() {
  OutboxTotals totals{fact("recorded"), fact("delivered"), fact("expired"), fact("dead_letter"), fact("withdrawn"), 0};
  database_.prepare("SELECT count(*) FROM outbox").run([&](Statement& row) { totals.waiting = row.integer(0); });
  return totals;
}

}  // namespace beacon_gateway::sqlite
