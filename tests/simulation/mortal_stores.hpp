// The real stores, as a process sees them that may die at any moment: they pass a point before and after each thing
// that becomes durable, and within a transaction at each write; the ledger hears of what the journey writes.
#pragma once

#include "ports/journey_store.hpp"
#include "ports/profile_store.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/mortality.hpp"

namespace beacon_gateway_test {

class MortalJourneyStore final : public beacon_gateway::JourneyStore {
 public:
  MortalJourneyStore(Disk& disk, Mortality& mortality, Ledger& ledger)
      : disk_(disk), mortality_(mortality), ledger_(ledger) {}

  void reconfigure(const beacon_gateway::Shop& shop) override { inner().reconfigure(shop); }
  void transact(const std::function<void()>& work) override;
  void record(const beacon_gateway::Event& event) override;
  void remember(const beacon_gateway::ShopperId& shopper, const beacon_gateway::CapRecord& cap) override;
  void note(const beacon_gateway::ShopperId& shopper, const beacon_gateway::DecisionRecord& decision) override;
  void save(const beacon_gateway::SavedTrack& track) override;
  void drop_track(const beacon_gateway::ShopperId& shopper) override;
  void save_position(const beacon_gateway::CapturePosition& position) override;
  void end_row(std::int64_t sequence, beacon_gateway::RowEnd end) override;
  void withdraw(const beacon_gateway::ShopperId& shopper, beacon_gateway::Purpose purpose) override;
  void forget_before(beacon_gateway::WallTime caps, beacon_gateway::WallTime decisions) override;
  void erase(std::span<const beacon_gateway::ShopperId> shoppers) override;
  void scrub() override;

  [[nodiscard]] std::vector<beacon_gateway::CapRecord> history(const beacon_gateway::ShopperId& shopper) override {
    return inner().history(shopper);
  }
  [[nodiscard]] std::vector<beacon_gateway::DecisionRecord> decisions(const beacon_gateway::ShopperId& shopper,
                                                                      std::size_t most) override {
    return inner().decisions(shopper, most);
  }
  [[nodiscard]] std::vector<beacon_gateway::SavedTrack> tracks(const beacon_gateway::Instant& now) override {
    return inner().tracks(now);
  }
  [[nodiscard]] std::optional<beacon_gateway::CapturePosition> position() override { return inner().position(); }
  [[nodiscard]] beacon_gateway::WallTime newest_event_time() override { return inner().newest_event_time(); }
  [[nodiscard]] std::vector<beacon_gateway::OutboxRow> waiting_after(std::int64_t sequence, std::size_t most) override {
    return inner().waiting_after(sequence, most);
  }
  [[nodiscard]] std::int64_t newest_sequence() override { return inner().newest_sequence(); }
  [[nodiscard]] std::optional<beacon_gateway::WallTime> next_expiry() override { return inner().next_expiry(); }
  [[nodiscard]] std::vector<beacon_gateway::OutboxRow> expired_at(beacon_gateway::WallTime now,
                                                                  std::size_t most) override {
    return inner().expired_at(now, most);
  }
  [[nodiscard]] bool recover() override { return inner().recover(); }
  [[nodiscard]] std::optional<std::int64_t> waiting_sequence(const std::string& event_id) override {
    return inner().waiting_sequence(event_id);
  }
  [[nodiscard]] std::vector<beacon_gateway::OutboxRow> surplus(std::optional<beacon_gateway::WallTime> now) override {
    return inner().surplus(now);
  }
  [[nodiscard]] beacon_gateway::OutboxTotals totals() override { return inner().totals(); }

 private:
  [[nodiscard]] beacon_gateway::JourneyStore& inner() { return disk_.journey(); }

  Disk& disk_;
  Mortality& mortality_;
  Ledger& ledger_;
};

class MortalProfileStore final : public beacon_gateway::ProfileStore {
 public:
  MortalProfileStore(Disk& disk, Mortality& mortality) : disk_(disk), mortality_(mortality) {}

  beacon_gateway::ShopperNumber put(const beacon_gateway::Profile& profile) override;
  void erase(std::span<const beacon_gateway::ShopperId> shoppers,
             std::optional<beacon_gateway::WallTime> tombstone_at) override;
  void finish_erasures() override;
  void save_correction(beacon_gateway::ShopperNumber number,
                       const beacon_gateway::ClockCorrection& correction) override;
  void forget_before(std::chrono::sys_days keys, beacon_gateway::WallTime tombstones) override;
  void save_word(const beacon_gateway::OrchestratorWord& word) override;
  void save_newest_signed(int topic, std::int64_t sequence) override;
  void save_campaigns(const beacon_gateway::CampaignSet& set) override;
  [[nodiscard]] bool stage(const beacon_gateway::FullSetPart& part, std::span<const beacon_gateway::Profile> profiles,
                           std::span<const beacon_gateway::ShopperId> kept) override;
  [[nodiscard]] beacon_gateway::FullSetOutcome use_staged() override;
  void transact(const std::function<void()>& work) override;

  [[nodiscard]] std::optional<beacon_gateway::StoredProfile> find(beacon_gateway::ShopperNumber number) override {
    return inner().find(number);
  }
  [[nodiscard]] std::optional<beacon_gateway::StoredProfile> find(const beacon_gateway::ShopperId& shopper) override {
    return inner().find(shopper);
  }
  [[nodiscard]] std::optional<std::int64_t> version(const beacon_gateway::ShopperId& shopper) override {
    return inner().version(shopper);
  }
  [[nodiscard]] std::vector<beacon_gateway::UnfinishedErasure> unfinished_erasures() override {
    return inner().unfinished_erasures();
  }
  [[nodiscard]] std::optional<beacon_gateway::Tombstone> tombstone(const beacon_gateway::ShopperId& shopper) override {
    return inner().tombstone(shopper);
  }
  void for_each(const std::function<void(const beacon_gateway::StoredProfile&)>& visit) override {
    inner().for_each(visit);
  }
  void for_each_identity(const std::function<void(const beacon_gateway::Identity&)>& visit) override {
    inner().for_each_identity(visit);
  }
  [[nodiscard]] std::optional<beacon_gateway::Identity> identity(beacon_gateway::ShopperNumber number) override {
    return inner().identity(number);
  }
  [[nodiscard]] beacon_gateway::OrchestratorWord word() override { return inner().word(); }
  [[nodiscard]] std::int64_t newest_signed(int topic) override { return inner().newest_signed(topic); }
  [[nodiscard]] std::optional<beacon_gateway::CampaignSet> campaigns() override { return inner().campaigns(); }

 private:
  // `write` and a point on either side of it.
  template <class Write>
  auto between_points(const char* what, const Write& write);

  [[nodiscard]] beacon_gateway::ProfileStore& inner() { return disk_.profiles(); }

  Disk& disk_;
  Mortality& mortality_;
};

}  // namespace beacon_gateway_test
