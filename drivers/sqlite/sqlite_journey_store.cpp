#include "drivers/sqlite/sqlite_journey_store.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>

#include "drivers/sqlite/journey_layout.hpp"
#include "drivers/sqlite/packed.hpp"
#include "drivers/sqlite/quarantine.hpp"
#include "messages/track_json.hpp"

namespace beacon_gateway::sqlite {
namespace {

// 128 MiB: the outbox at its bound takes half of it with all indexes, and at the bound rows can still be deleted.
constexpr int kMostPages = 32'768;

std::int64_t micros(WallTime at) {
  return at.time_since_epoch().count();
}
WallTime from_micros(std::int64_t value) {
  return WallTime{Duration{value}};
}

template <typename Work>
bool succeeds(const Work& work) {
  try {
    work();
    return true;
  } catch (const StoreUnavailable&) {
    return false;
  }
}

}  // namespace

SqliteJourneyStore::SqliteJourneyStore(const std::filesystem::path& path, JourneyStoreOptions options,
                                       const StoreSeal& seal)
    : database_(path, journey_layout(), seal),
      options_(std::move(options)),
      mark_(path),
      ballast_(path == ":memory:" ? std::filesystem::path{} : path.parent_path()) {
  database_.execute(fmt::format("PRAGMA max_page_count = {}", kMostPages).c_str());  // is not kept in the file
  measure_outbox();
  compare_with_mark();
  if (!ballast_.lay()) spdlog::warn("{}: no room to hold any back: free some disk space", path.parent_path().string());
}

void SqliteJourneyStore::note_begun_anew() {
  transact([&] { database_.set_fact("begun_anew", 1); });
}

void SqliteJourneyStore::reconfigure(const Shop& shop) {
  options_.shop = shop;
}

void SqliteJourneyStore::transact(const std::function<void()>& work) {
  const std::int64_t newest_before = newest_sequence_;
  const Held held_before = held_;
  try {
    database_.transact(work);
  } catch (...) {
    newest_sequence_ = newest_before;  // what was recorded or ended meanwhile never happened
    held_ = held_before;
    throw;
  }
  mark_.note(newest_sequence_);
}

bool SqliteJourneyStore::recover() {
  ballast_.give_back();  // whoever failed may have been the profiles: what lies here proves nothing
  const auto count = [&] { database_.set_fact("recovered", fact("recovered") + 1); };
  if (ballast_.lay() && succeeds([&] { transact(count); })) return true;
  ballast_.give_back();
  // Gives its room back, too; the next try sees whether it did.
  static_cast<void>(succeeds([&] { database_.truncate_log(); }));
  return false;
}

void SqliteJourneyStore::remember(const ShopperId& shopper, const CapRecord& cap) {
  assert(database_.in_transaction());
  const std::string key = hash(shopper);
  database_.prepare("INSERT INTO caps VALUES (?, ?, ?, ?, ?, ?, ?)")
      .with(Octets{key}, cap.campaign, static_cast<std::int64_t>(cap.kind), micros(cap.at),
            std::int64_t{cap.date.time_since_epoch().count()}, std::int64_t{cap.holdout},
            Octets{database_.seal(kCapVisit, row_key(key, {micros(cap.at)}), cap.visit_id)})
      .run();
}

void SqliteJourneyStore::note(const ShopperId& shopper, const DecisionRecord& decision) {
  assert(database_.in_transaction());
  const std::string key = hash(shopper);
  const std::string body = packed({decision.visit_id, decision.campaign, decision.outcome, decision.reason});
  database_.prepare("INSERT INTO decisions VALUES (?, ?, ?)")
      .with(Octets{key}, micros(decision.at),
            Octets{database_.seal(kDecisionBody, row_key(key, {micros(decision.at)}), body)})
      .run();
}

void SqliteJourneyStore::save(const SavedTrack& track) {
  assert(database_.in_transaction());
  const std::string key = hash(track.shopper_id);
  const std::string body = packed({track.shopper_id.value(), track_to_json(track.track, track.visit, options_.shop)});
  database_.prepare("INSERT INTO tracks VALUES (?, ?) ON CONFLICT (shopper) DO UPDATE SET body = excluded.body")
      .with(Octets{key}, Octets{database_.seal(kTrackBody, key, body)})
      .run();
}

void SqliteJourneyStore::drop_track(const ShopperId& shopper) {
  assert(database_.in_transaction());
  database_.prepare("DELETE FROM tracks WHERE shopper = ?").with(Octets{hash(shopper)}).run();
}

void SqliteJourneyStore::save_position(const CapturePosition& position) {
  assert(database_.in_transaction());
  database_.set_fact("capture_time", micros(position.at));
  database_.set_fact("capture_count", position.count);
}

void SqliteJourneyStore::erase(std::span<const ShopperId> shoppers) {
  assert(database_.in_transaction());
  for (const ShopperId& shopper : shoppers) {
    const std::string key = hash(shopper);
    withdraw_all(key);
    for (const char* sql : {"DELETE FROM caps WHERE shopper = ?", "DELETE FROM decisions WHERE shopper = ?",
                            "DELETE FROM tracks WHERE shopper = ?"})
      database_.prepare(sql).with(Octets{key}).run();
  }
}

void SqliteJourneyStore::scrub() {
  database_.truncate_log();
  remove_set_aside(database_.file());
}

void SqliteJourneyStore::forget_before(WallTime caps, WallTime decisions) {
  assert(database_.in_transaction());
  database_.prepare("DELETE FROM caps WHERE at < ? AND shopper NOT IN (SELECT shopper FROM tracks)")
      .with(micros(caps))
      .run();
  database_.prepare("DELETE FROM decisions WHERE at < ?").with(micros(decisions)).run();
}

std::vector<CapRecord> SqliteJourneyStore::history(const ShopperId& shopper) {
  const std::string key = hash(shopper);
  std::vector<CapRecord> result;
  database_
      .prepare("SELECT campaign, kind, visit, at, date, holdout, rowid FROM caps WHERE shopper = ? ORDER BY at, rowid")
      .with(Octets{key})
      .run([&](Statement& row) {
        const std::int64_t at = row.integer(3);
        auto visit_id = database_.try_open(kCapVisit, row_key(key, {at}), row.octets(2));
        if (!visit_id)  // still counts for the day and the cooldown
          spdlog::warn("{}, row {}: was altered or damaged: its visit is not known any more", kCapVisit,
                       row.integer(6));
        result.push_back({row.text(0), static_cast<CampaignKind>(row.integer(1)), std::move(visit_id).value_or(""),
                          from_micros(at), std::chrono::local_days{std::chrono::days{row.integer(4)}},
                          row.integer(5) != 0});
      });
  return result;
}

std::vector<DecisionRecord> SqliteJourneyStore::decisions(const ShopperId& shopper, std::size_t most) {
  constexpr std::size_t kTexts = 4;
  const std::string key = hash(shopper);
  std::vector<DecisionRecord> result;
  database_.prepare("SELECT at, body, rowid FROM decisions WHERE shopper = ? ORDER BY at DESC, rowid DESC LIMIT ?")
      .with(Octets{key}, static_cast<std::int64_t>(most))
      .run([&](Statement& row) {
        const std::int64_t at = row.integer(0);
        const auto body = database_.try_open(kDecisionBody, row_key(key, {at}), row.octets(1));
        auto texts = body ? unpacked<kTexts>(*body) : std::nullopt;
        if (!texts) return spdlog::warn("{}, row {}: was altered or damaged: left out", kDecisionBody, row.integer(2));
        auto& [visit_id, campaign, outcome, reason] = *texts;
        result.push_back(
            {from_micros(at), std::move(visit_id), std::move(campaign), std::move(outcome), std::move(reason)});
      });
  return result;
}

std::vector<SavedTrack> SqliteJourneyStore::tracks(const Instant& now) {
  std::vector<SavedTrack> result;
  database_.prepare("SELECT shopper, body FROM tracks").run([&](Statement& row) {
    const auto body = database_.try_open(kTrackBody, row.octets(0), row.octets(1));
    const auto texts = body ? unpacked<2>(*body) : std::nullopt;
    const auto shopper = texts ? ShopperId::parse(texts->front()) : std::nullopt;
    auto saved = shopper ? track_from_json(texts->back(), options_.shop, now) : std::nullopt;
    if (!saved) {
      spdlog::warn("{} cannot be read, it was altered or damaged: {} starts anew", kTrackBody,
                   shopper ? shopper->masked() : "that shopper");
      return;
    }
    result.push_back({*shopper, std::move(saved->track), std::move(saved->visit)});
  });
  // By pseudonym and not by hash, which is another in every file: a replay tells the same in the same order.
  std::ranges::sort(result, {}, &SavedTrack::shopper_id);
  return result;
}

std::optional<CapturePosition> SqliteJourneyStore::position() {
  const auto at = database_.fact("capture_time");
  if (!at) return std::nullopt;
  return CapturePosition{from_micros(*at), fact("capture_count")};
}

WallTime SqliteJourneyStore::newest_event_time() {
  return from_micros(fact("newest_event_time"));
}

}  // namespace beacon_gateway::sqlite
