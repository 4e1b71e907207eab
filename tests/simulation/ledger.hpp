// The history checker: hears of everything that the journey store is asked to make durable, of what the broker got and
// how it answered, keeps its own books, and throws a Violation where a promise (the design's section 5) is broken.
//
// Knows nothing of the gateway's code. What is written counts from its COMMIT on, and not at all if the process dies
// before. One thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/event.hpp"
#include "core/outbox_row.hpp"
#include "core/outbox_totals.hpp"
#include "ports/journey_store.hpp"
#include "ports/profile_store.hpp"
#include "ports/uplink.hpp"
#include "tests/simulation/story.hpp"

namespace beacon_gateway_test {

// What the ledger asks of the world.
struct LedgerQuestions {
  // Whether a person agrees to it at that time. While a message is being taken, or a death interrupted that, both what
  // was known before and what it says may be held: then `may_be_permitted` asks whether any of it agrees,
  // `is_permitted` whether all of it does.
  using Permission =
      std::function<bool(const beacon_gateway::ShopperId&, beacon_gateway::Purpose, beacon_gateway::WallTime)>;
  Permission may_be_permitted;
  Permission is_permitted;
  std::function<bool(const beacon_gateway::ShopperId&)> ever_told_of;
  std::function<beacon_gateway::WallTime()> gateway_time;
  std::function<bool()> paused;
  std::function<std::vector<beacon_gateway::UnfinishedErasure>()> unfinished_erasures;
};

class Ledger {
 public:
  Ledger(LedgerQuestions questions, beacon_gateway::GatewayName name, int daily_cap, bool texts_kept, Story& story)
      : questions_(std::move(questions)),
        name_(std::move(name)),
        daily_cap_(daily_cap),
        texts_kept_(texts_kept),
        story_(&story) {}

  // Within the store's transaction.
  void begin();
  void recorded(const beacon_gateway::Event& event, std::int64_t sequence);
  void row_ended(std::int64_t sequence, beacon_gateway::RowEnd how);
  void withdrawn(const beacon_gateway::ShopperId& shopper, beacon_gateway::Purpose purpose);
  void erased(const beacon_gateway::ShopperId& shopper);
  void touched(const beacon_gateway::ShopperId& shopper) const;
  void roll_back();
  void commit(const beacon_gateway::OutboxTotals& totals);

  // The broker's side.
  void handed_over(const beacon_gateway::OutboxRow& row, std::optional<std::chrono::seconds> remaining);
  void reached_the_broker(std::int64_t sequence) { rows_.at(sequence).reached = true; }
  void refused(std::int64_t sequence) { ++rows_.at(sequence).refusals; }

  // From here on nothing is delivered without a receipt.
  void require_receipts() { receipts_required_ = true; }
  // The gateway gets receipts of these events, which may be nobody's; and has dealt with them.
  void confirmed(const std::vector<std::string>& ids);
  void check_confirmed(const std::vector<std::string>& ids) const;

  // Consent to presence ended, or will have: the visit that is open ends without an event.
  void let_go(const beacon_gateway::ShopperId& shopper);

  // The store was read again, after a restart or at the end of the day.
  void compare_waiting(const std::vector<beacon_gateway::OutboxRow>& rows) const;
  // Nothing moves any more and the broker was there: nothing may be open, and nothing wait.
  void close_the_day() const;

  [[nodiscard]] bool receipted(const beacon_gateway::ShopperId& shopper, beacon_gateway::WallTime erased_at) const;

  [[nodiscard]] std::size_t events() const { return rows_.size(); }
  [[nodiscard]] std::size_t triggers() const { return triggers_; }
  // By sequence; empty unless they are kept.
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

 private:
  struct Row {
    std::string id;
    beacon_gateway::ShopperId shopper;
    std::optional<beacon_gateway::Purpose> purpose;
    std::optional<beacon_gateway::WallTime> expires_at;
    std::optional<beacon_gateway::RowEnd> end;
    bool reached = false;
    bool confirmed = false;
    int refusals = 0;
  };
  struct Visit {
    beacon_gateway::ShopperId shopper;
    std::optional<std::string> zone{};  // entered and not left
    bool started = false;
    bool ended = false;
    bool let_go = false;
    int welcomes = 0;
  };
  struct RecordedEvent {
    beacon_gateway::Event event;
    std::int64_t sequence = 0;
  };

  void book(const RecordedEvent& one);
  void check_consent(const beacon_gateway::Event& event) const;
  void check_trigger(const beacon_gateway::Event& event, const beacon_gateway::TriggerEvent& trigger);
  void check_visit(const beacon_gateway::Event& event);
  void check_receipt(const beacon_gateway::Event& event);
  void end(std::int64_t sequence, beacon_gateway::RowEnd how);
  void end_waiting(const beacon_gateway::ShopperId& shopper, std::optional<beacon_gateway::Purpose> purpose);
  void compare(const beacon_gateway::OutboxTotals& totals) const;

  LedgerQuestions questions_;
  beacon_gateway::GatewayName name_;
  int daily_cap_;
  bool texts_kept_;
  bool receipts_required_ = false;
  Story* story_;

  std::vector<std::function<void()>> open_;  // of the transaction, in order
  std::map<std::int64_t, Row> rows_;
  std::set<std::int64_t> waiting_;
  beacon_gateway::OutboxTotals totals_;
  std::unordered_map<std::string, std::int64_t> by_id_;
  std::map<std::string, Visit> visits_;
  std::map<beacon_gateway::ShopperId, std::string> open_visits_;  // as far as they were told
  std::optional<std::pair<std::string, std::string>> entering_;   // visit and zone of the visit.started just booked
  std::map<std::pair<beacon_gateway::ShopperId, std::chrono::local_days>, int> triggers_of_day_;
  std::set<std::pair<beacon_gateway::ShopperId, beacon_gateway::WallTime>>
      receipts_;  // subject, and when it was erased
  beacon_gateway::WallTime newest_{};
  std::size_t triggers_ = 0;
  std::vector<std::string> texts_;
};

}  // namespace beacon_gateway_test
