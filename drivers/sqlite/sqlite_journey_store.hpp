// Caps, followed shoppers, decisions and the outbox in one SQLite file, sealed, so that they commit together.
#pragma once

#include <filesystem>

#include "core/gateway_name.hpp"
#include "core/presence/shop.hpp"
#include "drivers/sqlite/ballast.hpp"
#include "drivers/sqlite/sealed_database.hpp"
#include "drivers/sqlite/sequence_mark.hpp"
#include "ports/journey_store.hpp"

namespace beacon_gateway::sqlite {

// How events are written.
struct JourneyStoreOptions {
  GatewayName name;
  Shop shop;
  bool replayed = false;  // events bear the extension `replayed`
  OutboxBounds bounds{};
};

class SqliteJourneyStore final : public JourneyStore {
 public:
  // Opens or makes the file; ":memory:" for none. Throws DatabaseError.
  SqliteJourneyStore(const std::filesystem::path& path, JourneyStoreOptions options, const StoreSeal& seal = {});

  // Whether opening sealed it anew, under the present key.
  [[nodiscard]] bool rekeyed() const { return database_.rekeyed(); }

  // Throws DamagedFile if the structure of the file is broken; reads it all, at most 128 MiB.
  void check() { database_.quick_check(); }

  // The file before this one was set aside; for `totals`.
  void note_begun_anew();

  void reconfigure(const Shop& shop) override;
  void transact(const std::function<void()>& work) override;
  [[nodiscard]] bool recover() override;

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
  [[nodiscard]] std::vector<OutboxRow> surplus(std::optional<WallTime> now) override;
  [[nodiscard]] OutboxTotals totals() override;

 private:
  [[nodiscard]] std::string hash(const ShopperId& shopper) { return database_.hash(shopper.value()); }
  [[nodiscard]] std::int64_t fact(std::string_view name) { return database_.fact(name).value_or(0); }
  // What waits, kept in step with the table: asked at every commit.
  struct Held {
    std::int64_t rows = 0;
    std::int64_t octets = 0;
  };
  void measure_outbox();
  // The numbers go on after the highest that was ever given, and what is missing below it is counted.
  void compare_with_mark();
  // Runs a DELETE that answers the length of each body, and adds the rows to a total.
  void remove(Statement& deletion, const char* total);
  void withdraw_all(std::string_view shopper);
  [[nodiscard]] std::vector<OutboxRow> read_rows(Statement& statement);
  void isolate(const std::vector<std::int64_t>& damaged);

  SealedDatabase database_;
  JourneyStoreOptions options_;
  SequenceMark mark_;
  Ballast ballast_;
  std::int64_t newest_sequence_ = 0;
  Held held_;
};

}  // namespace beacon_gateway::sqlite
