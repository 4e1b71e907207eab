// Caps, followed shoppers, decisions and the outbox in one SQLite file, sealed, so that they commit together.
#pragma once

#include <filesystem>

#include "core/gateway_name.hpp"
#include "core/presence/shop.hpp"
#include "drivers/sqlite/sealed_database.hpp"
#include "ports/journey_store.hpp"

namespace beacon_gateway::sqlite {

// How events are written.
struct JourneyStoreOptions {
  GatewayName name;
  Shop shop;
  bool replayed = false;  // events bear the extension `replayed`
};

class SqliteJourneyStore final : public JourneyStore {
 public:
  // Opens or makes the file; ":memory:" for none. Throws DatabaseError.
  SqliteJourneyStore(const std::filesystem::path& path, JourneyStoreOptions options, const StoreSeal& seal = {});

  // Whether opening sealed it anew, under the present key.
  [[nodiscard]] bool rekeyed() const { return database_.rekeyed(); }

  void reconfigure(const Shop& shop) override;
  void transact(const std::function<void()>& work) override;

  void record(const Event& event) override;
  void remember(const ShopperId& shopper, const CapRecord& cap) override;
  void note(const ShopperId& shopper, const DecisionRecord& decision) override;
  void save(const SavedTrack& track) override;
  void drop_track(const ShopperId& shopper) override;
  void save_position(const CapturePosition& position) override;
  void end_row(std::int64_t sequence, RowEnd end) override;
  void withdraw(const ShopperId& shopper, Purpose purpose) override;
  void forget_before(WallTime caps, WallTime decisions) override;
  void erase(std::span<const ShopperId> shoppers) override;
  void scrub() override;

  [[nodiscard]] std::vector<CapRecord> history(const ShopperId& shopper) override;
  [[nodiscard]] std::vector<DecisionRecord> decisions(const ShopperId& shopper, std::size_t most) override;
  // A visit that was altered or damaged is left out, with a line in the log: that shopper starts anew.
  [[nodiscard]] std::vector<SavedTrack> tracks(const Instant& now) override;
  [[nodiscard]] std::optional<CapturePosition> position() override;
  [[nodiscard]] WallTime newest_event_time() override;
  [[nodiscard]] std::vector<OutboxRow> waiting_after(std::int64_t sequence, std::size_t most) override;
  [[nodiscard]] std::optional<std::int64_t> waiting_sequence(const std::string& event_id) override;
  [[nodiscard]] std::int64_t newest_sequence() override;
  [[nodiscard]] std::optional<WallTime> next_expiry() override;
  [[nodiscard]] std::vector<OutboxRow> expired_at(WallTime now, std::size_t most) override;
  [[nodiscard]] OutboxTotals totals() override;

 private:
  [[nodiscard]] std::string hash(const ShopperId& shopper) { return database_.hash(shopper.value()); }
  [[nodiscard]] std::int64_t fact(std::string_view name) { return database_.fact(name).value_or(0); }
  // `count` more rows ended as `end`.
  void add_to_total(RowEnd end, std::int64_t count);
  [[nodiscard]] std::vector<OutboxRow> read_rows(Statement& statement);
  [[nodiscard]] OutboxRow read_row(const Statement& row);

  SealedDatabase database_;
  JourneyStoreOptions options_;
  std::int64_t newest_sequence_ = 0;
};

}  // namespace beacon_gateway::sqlite
