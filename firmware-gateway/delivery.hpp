// From the outbox to the uplink: hands rows over in order within the window, and ends each one for a named reason.
// The outbox is the only queue; what is in flight when the link or the daemon dies is sent again.
//
// A row is done when the broker accepts it, or, where receipts are `required`, at the orchestrator's receipt: until
// then it goes again 30 s after each PUBACK, with the pause doubled each time, and after a restart once more, until it
// expires or leaves the outbox by age. A later row never waits for an earlier one, not even of the same shopper:
// `sequence` has the true order.
//
// One thread, the gateway's. Gateway time decides about expiry and consent; real time only about when to try again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/counters.hpp"
#include "core/warning.hpp"
#include "ports/journey_store.hpp"
#include "ports/profile_store.hpp"
#include "ports/uplink.hpp"
#include "receipt_watch.hpp"
#include "settings/settings.hpp"

namespace beacon_gateway {

class Delivery {
 public:
  // Told of each row that ends unsent as expired or evicted, within the transaction that ends it. `reason`:
  // "no_receipt" if the broker had taken it; else empty.
  using TellUnsent = std::function<void(const OutboxRow&, Outcome, std::string_view reason, const Instant&)>;

  // All four outlive it. Without receipts for a replay, which hears nothing.
  Delivery(JourneyStore& journey, ProfileStore& profiles, Uplink& uplink, Counters& counters,
           TellUnsent tell_unsent = {}, ReceiptPolicy receipts = ReceiptPolicy::off);

  void link_up();
  void link_down();
  // What the uplink said of a row. `real_now`: of the machine's monotonic clock.
  void settled(std::int64_t sequence, SendOutcome outcome, MonotonicTime real_now);
  // The orchestrator has processed these events. Ids that wait here no more are a repeat, or somebody else's.
  void processed(const std::vector<std::string>& event_ids, MonotonicTime real_now);

  // Ends what expired, writes down what was settled, hands over what fits. Call after every batch of inputs.
  void pump(const Instant& now, MonotonicTime real_now);

  [[nodiscard]] bool linked() const { return linked_; }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
  [[nodiscard]] Warnings warnings() const;

 private:
  // A row that was handed over and has not ended.
  struct OpenRow {
    enum class Stage : std::uint8_t {
      in_flight,
      again,      // goes as soon as there is room
      held,       // the broker does not take it now: again when `due`
      published,  // accepted, without a receipt: again when `due`
    };
    Stage stage = Stage::in_flight;
    int refusals = 0;
    bool published = false;  // was accepted, and no receipt came
    bool processed = false;  // ended by its receipt before the broker answered
    Duration pause{};        // before it goes again without a receipt
    MonotonicTime due{};
  };
  using OpenRows = std::map<std::int64_t, OpenRow>;

  void again(std::int64_t sequence, OpenRow& row);
  void wait(std::int64_t sequence, OpenRow& row, OpenRow::Stage stage, MonotonicTime due);
  void wake(MonotonicTime real_now);
  void end(std::int64_t sequence, RowEnd how);
  void forget(std::int64_t sequence);
  void write_ends();
  void expire(const Instant& now);
  void hand_over(const Instant& now, MonotonicTime real_now);
  void hand_over_again(const Instant& now, MonotonicTime real_now);
  [[nodiscard]] bool hand_over(const OutboxRow& row, const Instant& now);
  [[nodiscard]] bool may_send(const OutboxRow& row, const Instant& now, MonotonicTime real_now);
  [[nodiscard]] bool is_in_flight(std::int64_t sequence) const;
  [[nodiscard]] OpenRow& open(std::int64_t sequence);

  JourneyStore& journey_;
  ProfileStore& profiles_;
  Uplink& uplink_;
  Counters& counters_;
  TellUnsent tell_unsent_;
  const ReceiptPolicy receipts_;

  bool linked_ = false;
  std::int64_t handed_ = 0;  // every waiting row up to here is in `open_`, or will be ended by `expire`
  OpenRows open_;
  std::size_t in_flight_ = 0;                             // of `open_`
  std::set<std::int64_t> again_;                          // of `open_`
  std::set<std::int64_t> denied_;                         // of `open_`: were held, and not accepted since
  std::set<std::pair<MonotonicTime, std::int64_t>> due_;  // of `open_`: held and published
  ReceiptWatch receipt_watch_;
  bool receipts_missing_ = false;
  std::vector<std::pair<std::int64_t, RowEnd>> ends_;
  std::int64_t expiry_known_up_to_ = -1;  // newest sequence when `next_expiry_` was asked; -1: ask again
  std::optional<WallTime> next_expiry_;
};

}  // namespace beacon_gateway
