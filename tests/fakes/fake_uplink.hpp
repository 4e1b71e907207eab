// A broker's side in a few lines, with knobs: it takes rows while the link is up and settles them when told to.
// One thread; nothing happens behind the caller's back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/uplink.hpp"

namespace beacon_gateway_test {

class FakeUplink final : public beacon_gateway::Uplink {
 public:
  struct Sent {
    beacon_gateway::OutboxRow row;
    std::optional<std::chrono::seconds> remaining;
  };

  // Knobs.
  bool up = true;
  std::size_t rows_at_once = 4;
  std::map<std::int64_t, beacon_gateway::SendOutcome> answers;  // by sequence; others are accepted

  beacon_gateway::Warnings warned;

  // What was seen.
  std::vector<Sent> sent;              // everything that was ever handed over, in order
  std::deque<std::int64_t> unsettled;  // handed over and not answered
  std::size_t most_unsettled = 0;
  std::vector<beacon_gateway::Health> health;
  std::vector<std::int64_t> synced;  // the revision that was told, each time
  std::vector<beacon_gateway::CommandReply> replies;
  bool stopped = false;

  void start(beacon_gateway::UplinkListener listener) override { listener_ = std::move(listener); }

  [[nodiscard]] bool send(const beacon_gateway::OutboxRow& row,
                          std::optional<std::chrono::seconds> remaining) override {
    if (!up) return false;
    sent.push_back({row, remaining});
    unsettled.push_back(row.sequence);
    most_unsettled = std::max(most_unsettled, unsettled.size());
    return true;
  }

  [[nodiscard]] std::size_t window() const override { return rows_at_once; }
  [[nodiscard]] bool send_sync(std::int64_t have_revision) override {
    if (up) synced.push_back(have_revision);
    return up;
  }
  void look_at_credentials() override {}
  [[nodiscard]] beacon_gateway::Warnings warnings() const override { return warned; }
  [[nodiscard]] bool send_reply(const beacon_gateway::CommandReply& reply) override {
    replies.push_back(reply);
    return true;
  }
  void poll() override {}
  void stop(std::chrono::milliseconds) override { stopped = true; }

  // The answer to the oldest row in flight: its sequence number and what the broker says.
  [[nodiscard]] std::pair<std::int64_t, beacon_gateway::SendOutcome> answer_oldest() {
    const std::int64_t sequence = unsettled.front();
    unsettled.pop_front();
    const auto found = answers.find(sequence);
    return {sequence, found == answers.end() ? beacon_gateway::SendOutcome::accepted : found->second};
  }

  [[nodiscard]] std::vector<std::int64_t> sequences_sent() const {
    std::vector<std::int64_t> result;
    for (const Sent& one : sent) result.push_back(one.row.sequence);
    return result;
  }

  [[nodiscard]] const beacon_gateway::UplinkListener& listener() const { return listener_; }

  void send_health(const beacon_gateway::Health& one) override { health.push_back(one); }

 private:
  beacon_gateway::UplinkListener listener_;
};

}  // namespace beacon_gateway_test
