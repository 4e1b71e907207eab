// From the outbox to the uplink: hands rows over in order within the window, and ends each one for a named reason.
// The outbox is the only queue; what is in flight when the link or the daemon dies is sent again.
//
// One thread, the gateway's. Gateway time decides about expiry and consent; real time only about when to try again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/counters.hpp"
#include "ports/journey_store.hpp"
#include "ports/profile_store.hpp"
#include "ports/uplink.hpp"

namespace beacon_gateway {

class Delivery {
 public:
  // Told of each row that ends unsent as expired or evicted, within the transaction that ends it.
  using TellUnsent = std::function<void(const OutboxRow&, Outcome, const Instant&)>;

  // All four outlive it.
  Delivery(JourneyStore& journey, ProfileStore& profiles, Uplink& uplink, Counters& counters,
           TellUnsent tell_unsent = {});

  void link_up();
  void link_down();
  // What the uplink said of a row. `real_now`: of the machine's monotonic clock.
  void settled(std::int64_t sequence, SendOutcome outcome, MonotonicTime real_now);

  // Ends what expired, writes down what was settled, hands over what fits. Call after every batch of inputs.
  void pump(const Instant& now, MonotonicTime real_now);

  [[nodiscard]] bool linked() const { return linked_; }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }

 private:
  void write_ends();
  void expire(const Instant& now);
  void hand_over(const Instant& now, MonotonicTime real_now);
  [[nodiscard]] bool may_send(const OutboxRow& row, const Instant& now, MonotonicTime real_now);
  void hold(std::int64_t sequence, MonotonicTime real_now);
  void again(std::int64_t sequence);

  JourneyStore& journey_;
  ProfileStore& profiles_;
  Uplink& uplink_;
  Counters& counters_;
  TellUnsent tell_unsent_;

  bool linked_ = false;
  std::int64_t handed_ = 0;  // every waiting row up to here is in flight, held or ending
  std::set<std::int64_t> in_flight_;
  std::map<std::int64_t, int> refusals_;
  std::set<std::int64_t> held_;
  std::optional<MonotonicTime> retry_held_at_;
  std::vector<std::pair<std::int64_t, RowEnd>> ends_;
  std::int64_t expiry_known_up_to_ = -1;  // newest sequence when `next_expiry_` was asked; -1: ask again
  std::optional<WallTime> next_expiry_;
};

}  // namespace beacon_gateway
