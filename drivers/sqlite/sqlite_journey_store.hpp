// Caps, followed shoppers, decisions and the outbox in one SQLite file, so that they commit together.
#pragma once

#include <filesystem>

#include "core/gateway_name.hpp"
#include "core/presence/shop.hpp"
#include "drivers/sqlite/database.hpp"
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
  SqliteJourneyStore(const std::filesystem::path& path, JourneyStoreOptions options);

  void reconfigure(const Shop& shop) override;
  void transact(const std::function<void()>& work) override;

  void record(const Event& event) override;
  void remember(const ShopperId& shopper, const CapRecord& cap) override;
  void note(const ShopperId& shopper, const DecisionRecord& decision) override;
  void save(const SavedTrack& track) override;
  void drop_track(const ShopperId& shopper) override;
  void save_position(const CapturePosition& position) override;
  void end_row(std::int64_t sequence, RowEnd end) override;
  void erase(const ShopperId& shopper) override;
  void withdraw(const ShopperId& shopper, Purpose purpose) override;
  void forget_before(WallTime caps, WallTime decisions) override;

  [[nodiscard]] std::vector<CapRecord> history(const ShopperId& shopper) override;
  [[nodiscard]] std::vector<DecisionRecord> decisions(const ShopperId& shopper, std::size_t most) override;
  [[nodiscard]] std::vector<SavedTrack> tracks(const Instant& now) override;
  [[nodiscard]] std::optional<CapturePosition> position() override;
  [[nodiscard]] WallTime newest_event_time() override;
  [[nodiscard]] std::vector<OutboxRow> waiting_after(std::int64_t sequence, std::size_t most) override;
  [[nodiscard]] std::int64_t newest_sequence() override;
  [[nodiscard]] std::optional<WallTime> next_expiry() override;
  [[nodiscard]] std::vector<OutboxRow> expired_at(WallTime now, std::size_t most) override;
  [[nodiscard]] OutboxTotals totals() override;

 private:
  [[nodiscard]] std::int64_t fact(const char* name);
  void set_fact(const char* name, std::int64_t value);

  Database database_;
  JourneyStoreOptions options_;
  std::int64_t newest_sequence_ = 0;
};

}  // namespace beacon_gateway::sqlite
