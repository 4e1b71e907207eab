// The outbox of SqliteJourneyStore.
#include <array>
#include <cassert>

#include "drivers/sqlite/journey_layout.hpp"
#include "drivers/sqlite/packed.hpp"
#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "messages/event_json.hpp"

namespace beacon_gateway::sqlite {
namespace {

constexpr std::array<const char*, 4> kEndFacts{"delivered", "expired", "dead_letter", "withdrawn"};

WallTime from_micros(std::int64_t value) {
  return WallTime{Duration{value}};
}

}  // namespace

void SqliteJourneyStore::record(const Event& event) {
  assert(database_.in_transaction());
  const std::int64_t sequence = newest_sequence_ + 1;
  const auto purpose = purpose_needed(event.data);
  const auto expiry = expires_at(event.data);
  const auto* trigger = std::get_if<TriggerEvent>(&event.data);
  const std::string body = packed({event.id, event.subject.value(), event.visit_id,
                                   event_to_json(event, {options_.name, sequence, options_.replayed})});
  const bool is_new =
      database_.prepare("INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event) DO NOTHING RETURNING 1")
          .with(sequence, Octets{database_.hash(event.id)}, event_type(event.data), Octets{hash(event.subject)},
                purpose ? std::optional{static_cast<std::int64_t>(*purpose)} : std::nullopt,
                trigger != nullptr ? std::string_view{trigger->campaign} : std::string_view{},
                expiry ? std::optional<std::int64_t>{expiry->time_since_epoch().count()} : std::nullopt,
                Octets{database_.seal(kOutboxBody, row_key({}, {sequence}), body)})
          .any();
  if (!is_new) return;
  database_.set_fact("recorded", sequence);
  database_.set_fact("newest_event_time", event.time.time_since_epoch().count());
  newest_sequence_ = sequence;
}

void SqliteJourneyStore::end_row(std::int64_t sequence, RowEnd end) {
  assert(database_.in_transaction());
  database_.prepare("DELETE FROM outbox WHERE sequence = ?").with(sequence).run();
  add_to_total(end, database_.changes());
}

void SqliteJourneyStore::withdraw(const ShopperId& shopper, Purpose purpose) {
  assert(database_.in_transaction());
  database_.prepare("DELETE FROM outbox WHERE shopper = ? AND purpose = ?")
      .with(Octets{hash(shopper)}, static_cast<std::int64_t>(purpose))
      .run();
  add_to_total(RowEnd::withdrawn, database_.changes());
}

void SqliteJourneyStore::add_to_total(RowEnd end, std::int64_t count) {
  if (count == 0) return;
  const char* total = kEndFacts[static_cast<std::size_t>(end)];
  database_.set_fact(total, fact(total) + count);
}

std::vector<OutboxRow> SqliteJourneyStore::waiting_after(std::int64_t sequence, std::size_t most) {
  return read_rows(database_
                       .prepare("SELECT sequence, type, purpose, campaign, expires_at, body FROM outbox"
                                " WHERE sequence > ? ORDER BY sequence LIMIT ?")
                       .with(sequence, static_cast<std::int64_t>(most)));
}

std::vector<OutboxRow> SqliteJourneyStore::expired_at(WallTime now, std::size_t most) {
  return read_rows(database_
                       .prepare("SELECT sequence, type, purpose, campaign, expires_at, body FROM outbox"
                                " WHERE expires_at <= ? ORDER BY sequence LIMIT ?")
                       .with(std::int64_t{now.time_since_epoch().count()}, static_cast<std::int64_t>(most)));
}

std::vector<OutboxRow> SqliteJourneyStore::read_rows(Statement& statement) {
  std::vector<OutboxRow> rows;
  statement.run([&](Statement& row) { rows.push_back(read_row(row)); });
  return rows;
}

// sequence, type, purpose, campaign, expires_at, body
OutboxRow SqliteJourneyStore::read_row(const Statement& row) {
  const std::int64_t sequence = row.integer(0);
  constexpr std::size_t kTexts = 4;
  auto texts = unpacked<kTexts>(database_.open(kOutboxBody, row_key({}, {sequence}), row.octets(5), sequence));
  if (!texts) database_.fail_damaged(kOutboxBody, sequence);
  auto& [id, shopper_id, visit_id, payload] = *texts;
  auto shopper = ShopperId::parse(shopper_id);
  if (!shopper) database_.fail_damaged(kOutboxBody, sequence);
  return {sequence,
          std::move(id),
          row.text(1),
          *std::move(shopper),
          row.is_null(2) ? std::nullopt : std::optional{static_cast<Purpose>(row.integer(2))},
          std::move(visit_id),
          row.text(3),
          row.is_null(4) ? std::nullopt : std::optional{from_micros(row.integer(4))},
          std::move(payload)};
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
  database_.prepare("SELECT min(expires_at) FROM outbox WHERE expires_at IS NOT NULL").run([&](Statement& row) {
    if (!row.is_null(0)) next = from_micros(row.integer(0));
  });
  return next;
}

OutboxTotals SqliteJourneyStore::totals() {
  OutboxTotals totals{fact("recorded"), fact("delivered"), fact("expired"), fact("dead_letter"), fact("withdrawn"), 0};
  database_.prepare("SELECT count(*) FROM outbox").run([&](Statement& row) { totals.waiting = row.integer(0); });
  return totals;
}

}  // namespace beacon_gateway::sqlite
