// A broker, and the link to it, as chance has it: answers come late, twice, never, or say no; the link flaps. An Uplink
// whose answers the world fetches when they are due. Keeps the port's promise: each row that was taken is settled once,
// at the latest when the link goes; but for an answer that comes again, as a broker may send it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/uplink.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/ledger.hpp"

namespace beacon_gateway_test {

class SimulatedBroker final : public beacon_gateway::Uplink {
 public:
  struct Answer {
    std::int64_t sequence = 0;
    beacon_gateway::SendOutcome outcome = beacon_gateway::SendOutcome::accepted;
    bool again = false;
  };

  SimulatedBroker(std::uint64_t seed, Ledger& ledger, Story& story);

  // From here on everything is taken and answered at once, or it again is as chance has it.
  void set_friendly(bool friendly) { friendly_ = friendly; }
  void set_time(beacon_gateway::Duration now) { now_ = now; }

  [[nodiscard]] bool up() const { return up_; }
  void come_up() { up_ = true; }
  // The rows whose answers will never come.
  [[nodiscard]] std::vector<std::int64_t> go_down();

  // When the link counts as dead, as in drivers/mqtt, because a row got no answer.
  [[nodiscard]] std::optional<beacon_gateway::Duration> dead_at() const { return dead_at_; }

  [[nodiscard]] std::optional<beacon_gateway::Duration> next_answer() const;
  // The events that the orchestrator got since the last call, by id.
  [[nodiscard]] std::vector<std::string> take_reached() { return std::exchange(reached_, {}); }
  // The process is another: it knows nothing of what was accepted.
  void forget_accepted() { accepted_at_.clear(); }
  // The first answer that waits.
  [[nodiscard]] Answer take_answer();

  void start(beacon_gateway::UplinkListener) override {}
  [[nodiscard]] bool send(const beacon_gateway::OutboxRow& row, std::optional<std::chrono::seconds> remaining) override;
  [[nodiscard]] std::size_t window() const override { return window_; }
  void send_health(const beacon_gateway::Health&) override {}
  [[nodiscard]] bool send_sync(std::int64_t) override { return up_; }
  void look_at_credentials() override {}
  [[nodiscard]] beacon_gateway::Warnings warnings() const override { return {}; }
  [[nodiscard]] bool send_reply(const beacon_gateway::CommandReply&) override { return up_; }
  void poll() override {}
  void stop(std::chrono::milliseconds) override {}

 private:
  void reach(const beacon_gateway::OutboxRow& row);
  void leave_unanswered();
  void answer(std::int64_t sequence, beacon_gateway::SendOutcome outcome, beacon_gateway::Duration within);

  Dice dice_;
  std::uint64_t poison_;
  Ledger& ledger_;
  Story& story_;
  std::size_t window_;
  bool up_ = false;
  bool friendly_ = false;
  beacon_gateway::Duration now_{};
  std::optional<beacon_gateway::Duration> dead_at_;
  std::set<std::int64_t> in_flight_;
  std::multimap<beacon_gateway::Duration, Answer> answers_;
  std::vector<std::string> reached_;
  std::map<std::int64_t, beacon_gateway::Duration> accepted_at_;  // as the process knows
};

}  // namespace beacon_gateway_test
