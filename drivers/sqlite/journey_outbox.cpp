// The outbox of SqliteJourneyStore.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "drivers/sqlite/journey_layout.hpp"
#include "drivers/sqlite/outbox_columns.hpp"
#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "messages/event_json.hpp"

namespace beacon_gateway::sqlite {
namespace {

constexpr std::array<const char*, 5> kEndFacts{"delivered", "expired", "dead_letter", "withdrawn", "evicted"};
constexpr const char* kDamaged = "damaged";

// What a row takes beside its body, in the table and in its indexes: hashes, numbers, type and campaign, about.
constexpr std::int64_t kOctetsBesideBody = 256;

// How much more than the surplus goes: evicting is rare then, and what is told of it has room.
constexpr std::int64_t kRoomShare = 64;

std::optional<std::int64_t> micros(std::optional<WallTime> at) {
  return at ? std::optional<std::int64_t>{at->time_since_epoch().count()} : std::nullopt;
}

std::optional<WallTime> end_of(const Event& event, const OutboxBounds& bounds) {
  const auto expires = expires_at(event.data);
  if (!expires && worth_of(event.data) == Worth::duty) return std::nullopt;
  const WallTime too_old = event.time + bounds.age;
  return expires ? std::min(*expires, too_old) : too_old;
}

}  // namespace

void SqliteJourneyStore::record(const Event& event) {
  assert(database_.in_transaction());
  const auto purpose = purpose_needed(event.data);
  const auto* trigger = std::get_if<TriggerEvent>(&event.data);
  const OutboxColumns row{newest_sequence_ + 1,
                          database_.hash(event.id),
                          std::string{event_type(event.data)},
                          hash(event.subject),
                          purpose ? std::optional{static_cast<std::int64_t>(*purpose)} : std::nullopt,
                          trigger != nullptr ? trigger->campaign : std::string{},
                          micros(expires_at(event.data)),
                          micros(end_of(event, options_.bounds)),
                          static_cast<std::int64_t>(worth_of(event.data))};
  const std::string body = outbox_body(event.id, event.subject, event.visit_id,
                                       event_to_json(event, {options_.name, row.sequence, options_.replayed}));
  const std::string sealed = database_.seal(kOutboxBody, row_key({}, {row.sequence}), body);
  const bool is_new =
      database_
          .prepare(
              "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
              " ON CONFLICT (event) DO NOTHING RETURNING 1")
          .with(row.sequence, Octets{row.event}, row.type, Octets{row.shopper}, row.purpose, row.campaign,
                row.expires_at, row.ends_at, row.worth, Octets{sealed}, Octets{outbox_digest(database_, row, body)})
          .any();
  if (!is_new) return;
  database_.set_fact("recorded", fact("recorded") + 1);
  database_.set_fact("newest", row.sequence);
  database_.set_fact("newest_event_time", event.time.time_since_epoch().count());
  newest_sequence_ = row.sequence;
  ++held_.rows;
  held_.octets += static_cast<std::int64_t>(sealed.size()) + kOctetsBesideBody;
}

void SqliteJourneyStore::measure_outbox() {
  database_.prepare("SELECT count(*), ifnull(sum(length(body)), 0) FROM outbox").run([&](Statement& row) {
    held_ = {row.integer(0), row.integer(1) + row.integer(0) * kOctetsBesideBody};
  });
}

void SqliteJourneyStore::compare_with_mark() {
  const auto known = database_.fact("newest");
  newest_sequence_ = known.value_or(0);
  database_.prepare("SELECT ifnull(max(sequence), 0) FROM outbox").run([&](Statement& row) {
    newest_sequence_ = std::max(newest_sequence_, row.integer(0));  // a number that was altered gives none twice
  });
  const std::int64_t marked = mark_.found().value_or(0);
  const std::int64_t missing = marked - newest_sequence_;
  mark_.note(newest_sequence_);
  if (missing <= 0) return;
  transact([&] {
    newest_sequence_ = marked;
    database_.set_fact("newest", marked);
    // What the file before this one had not sent nobody can count.
    if (!known) return database_.set_fact("begun_anew", 1);
    database_.set_fact("recorded", fact("recorded") + missing);
    database_.set_fact("missing", fact("missing") + missing);
  });
  if (!known) return spdlog::warn("outbox: the store is new, and its numbers go on after {}", marked);
  spdlog::error(
      "outbox: the newest {} events are missing from the file: it was damaged, or an older copy was put back;"
      " the numbers go on after {}",
      missing, marked);
}

void SqliteJourneyStore::end_row(std::int64_t sequence, RowEnd end) {
  assert(database_.in_transaction());
  remove(database_.prepare("DELETE FROM outbox WHERE sequence = ? RETURNING length(body)").with(sequence),
         kEndFacts[static_cast<std::size_t>(end)]);
}

void SqliteJourneyStore::withdraw(const ShopperId& shopper, Purpose purpose) {
  assert(database_.in_transaction());
  remove(database_.prepare("DELETE FROM outbox WHERE shopper = ? AND purpose = ? RETURNING length(body)")
             .with(Octets{hash(shopper)}, static_cast<std::int64_t>(purpose)),
         kEndFacts[static_cast<std::size_t>(RowEnd::withdrawn)]);
}

void SqliteJourneyStore::withdraw_all(std::string_view shopper) {
  remove(database_.prepare("DELETE FROM outbox WHERE shopper = ? RETURNING length(body)").with(Octets{shopper}),
         kEndFacts[static_cast<std::size_t>(RowEnd::withdrawn)]);
}

void SqliteJourneyStore::remove(Statement& deletion, const char* total) {
  std::int64_t count = 0;
  deletion.run([&](Statement& row) {
    ++count;
    held_.octets -= row.integer(0) + kOctetsBesideBody;
  });
  if (count == 0) return;
  held_.rows -= count;
  database_.set_fact(total, fact(total) + count);
}

std::vector<OutboxRow> SqliteJourneyStore::waiting_after(std::int64_t sequence, std::size_t most) {
  mark_.make_durable();  // what is read here may leave
  return read_rows(database_
                       .prepare("SELECT sequence, event, type, shopper, purpose, campaign, expires_at, ends_at, worth,"
                                " body, digest FROM outbox WHERE sequence > ? ORDER BY sequence LIMIT ?")
                       .with(sequence, static_cast<std::int64_t>(most)));
}

std::vector<OutboxRow> SqliteJourneyStore::expired_at(WallTime now, std::size_t most) {
  return read_rows(database_
                       .prepare("SELECT sequence, event, type, shopper, purpose, campaign, expires_at, ends_at, worth,"
                                " body, digest FROM outbox WHERE ends_at <= ? ORDER BY sequence LIMIT ?")
                       .with(micros(now), static_cast<std::int64_t>(most)));
}

std::vector<OutboxRow> SqliteJourneyStore::surplus(std::optional<WallTime> now) {
  const OutboxBounds& bounds = options_.bounds;
  if (held_.rows <= bounds.rows && held_.octets <= bounds.octets) return {};
  std::int64_t rows = held_.rows - (bounds.rows - bounds.rows / kRoomShare);
  std::int64_t octets = held_.octets - (bounds.octets - bounds.octets / kRoomShare);
  std::vector<OutboxRow> result;
  const auto take_from = [&](std::vector<OutboxRow> some) {
    for (OutboxRow& row : some) {
      if (rows <= 0 && octets <= 0) return;
      --rows;
      octets -= static_cast<std::int64_t>(row.payload.size()) + kOctetsBesideBody;  // the rest of the body stays room
      result.push_back(std::move(row));
    }
  };
  // A row is at least as large as what stands beside its body.
  const std::int64_t most = std::max(rows, octets / kOctetsBesideBody + 1);
  if (now) take_from(expired_at(*now, static_cast<std::size_t>(most)));
  take_from(read_rows(
      database_
          .prepare("SELECT sequence, event, type, shopper, purpose, campaign, expires_at, ends_at, worth,"
                   " body, digest FROM outbox WHERE worth < ? AND ifnull(ends_at > ?, 1) ORDER BY worth, sequence"
                   " LIMIT ?")
          .with(static_cast<std::int64_t>(Worth::duty), now ? micros(now) : std::optional<std::int64_t>{}, most)));
  return result;
}

std::vector<OutboxRow> SqliteJourneyStore::read_rows(Statement& statement) {
  std::vector<OutboxRow> rows;
  std::vector<std::int64_t> damaged;
  statement.run([&](Statement& row) {
    if (auto read = read_outbox_row(database_, row))
      rows.push_back(*std::move(read));
    else
      damaged.push_back(row.integer(0));
  });
  if (!damaged.empty()) isolate(damaged);
  return rows;
}

// Deleted and not put aside: what it holds of a person must not outlive her erasure, and it is of no use.
void SqliteJourneyStore::isolate(const std::vector<std::int64_t>& damaged) {
  const auto end_them = [&] {
    for (const std::int64_t sequence : damaged)
      remove(database_.prepare("DELETE FROM outbox WHERE sequence = ? RETURNING length(body)").with(sequence),
             kDamaged);
  };
  database_.in_transaction() ? end_them() : transact(end_them);
  spdlog::error(
      "outbox: {} events, the first of them number {}, were altered or damaged on disk and are not sent;"
      " if this comes again, replace the memory card",
      damaged.size(), damaged.front());
}

std::optional<std::int64_t> SqliteJourneyStore::waiting_sequence(const std::string& event_id) {
  std::optional<std::int64_t> sequence;
  database_.prepare("SELECT sequence FROM outbox WHERE event = ?")
      .with(Octets{database_.hash(event_id)})
      .run([&](Statement& row) { sequence = row.integer(0); });
  return sequence;
}

std::int64_t SqliteJourneyStore::newest_sequence() {
  return newest_sequence_;
}

std::optional<WallTime> SqliteJourneyStore::next_expiry() {
  std::optional<WallTime> next;
  database_.prepare("SELECT min(ends_at) FROM outbox WHERE ends_at IS NOT NULL").run([&](Statement& row) {
    if (!row.is_null(0)) next = WallTime{Duration{row.integer(0)}};
  });
  return next;
}

OutboxTotals SqliteJourneyStore::totals() {
  return {fact("recorded"), fact("delivered"), fact("expired"), fact("dead_letter"), fact("withdrawn"), fact("evicted"),
          fact(kDamaged),   fact("missing"),   held_.rows,      held_.octets,        fact("begun_anew")};
}

}  // namespace beacon_gateway::sqlite
