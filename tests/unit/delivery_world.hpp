// A Delivery in a small world: a store with events in it, a broker that answers when told, and an orchestrator. Real
// time and gateway time are the same here, and move only by what a test says.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "delivery.hpp"
#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "drivers/sqlite/sqlite_profile_store.hpp"
#include "tests/fakes/fake_uplink.hpp"

namespace beacon_gateway_test {

using namespace beacon_gateway;
using namespace std::chrono_literals;

inline const WallTime kStart{Duration{1'795'000'000'000'000}};  // an instant of November 2026

inline Instant at(Duration since) {
  return capture_instant(kStart + since);
}

// The event with sequence N has the id "N".
class DeliveryWorld {
 public:
  explicit DeliveryWorld(ReceiptPolicy receipts = ReceiptPolicy::off) : receipts_(receipts) {
    know("s-1", {Purpose::presence, Purpose::welcome});
  }

  void know(const std::string& shopper, const std::vector<Purpose>& purposes,
            std::optional<WallTime> consent_expires = std::nullopt) {
    Profile profile{.shopper_id = ShopperId::parse(shopper).value()};
    for (const Purpose purpose : purposes)
      profile.consents.push_back({purpose, kStart - 1h, consent_expires, "v1", "app"});
    profiles.put(profile);
  }

  void record_zone(const std::string& shopper = "s-1") { record(shopper, ZoneEnteredEvent{"door"}); }
  void record_trigger(Duration expires, const std::string& shopper = "s-1") {
    TriggerEvent event;
    event.campaign = "welcome";
    event.trigger.expires_at = kStart + expires;
    record(shopper, event);
  }
  void record_erasure() {
    const Event receipt = make_erasure_event({"acme", "s-1", "gw-1"}, *ShopperId::parse("s-9"), 1, kStart);
    journey.transact([&] { journey.record(receipt); });
  }
  void record_zones(int count) {
    for (int i = 0; i < count; ++i) record_zone();
  }

  void pump(Duration since = 0s) { delivery.pump(at(since), at(since).monotonic); }
  bool settle_oldest(Duration since = 0s) {
    if (uplink.unsettled.empty()) return false;
    const auto [sequence, outcome] = uplink.answer_oldest();
    delivery.settled(sequence, outcome, at(since).monotonic);
    return true;
  }
  // Answers and pumps until nothing moves.
  void run_dry(Duration since = 0s) {
    pump(since);
    while (settle_oldest(since)) pump(since);
  }

  // The orchestrator has processed these rows.
  void receipt(const std::vector<std::int64_t>& sequences, Duration since = 0s) {
    std::vector<std::string> ids;
    for (const std::int64_t sequence : sequences) ids.push_back(std::to_string(sequence));
    delivery.processed(ids, at(since).monotonic);
  }
  [[nodiscard]] bool warns_of(std::string_view what) const {
    const Warnings warnings = delivery.warnings();
    return std::ranges::find(warnings, what, &Warning::name) != warnings.end();
  }

  [[nodiscard]] bool adds_up() {
    const OutboxTotals t = journey.totals();
    return t.recorded ==
           t.delivered + t.expired + t.dead_letter + t.withdrawn + t.evicted + t.damaged + t.missing + t.waiting;
  }

 private:
  ReceiptPolicy receipts_;  // first: the delivery is made from it

 public:
  sqlite::SqliteProfileStore profiles{":memory:"};
  sqlite::SqliteJourneyStore journey{":memory:", {{"acme", "s-1", "gw-1"}, {}, false}};
  FakeUplink uplink;
  Counters counters;
  std::string unsent;  // what the delivery told of
  Delivery delivery{journey,
                    profiles,
                    uplink,
                    counters,
                    [this](const OutboxRow& row, Outcome outcome, std::string_view reason, const Instant& when) {
                      unsent += std::to_string(row.sequence) + ' ' + std::string{name(outcome)} + "; ";
                      journey.note(row.shopper_id, {when.wall, row.visit_id, row.campaign, std::string{name(outcome)},
                                                    std::string{reason}});
                    },
                    receipts_};

 private:
  void record(const std::string& shopper, EventData data) {
    Event event{std::to_string(++events_), ShopperId::parse(shopper).value(), kStart, "v", std::move(data), false};
    journey.transact([&] { journey.record(event); });
  }
  int events_ = 0;
};

}  // namespace beacon_gateway_test
