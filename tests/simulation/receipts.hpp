// The orchestrator's receipts on their way to the gateway: each event that reached it is confirmed late, twice, never,
// or among ids that nobody here knows. What it got again it confirms again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "settings/settings.hpp"
#include "tests/simulation/dice.hpp"

namespace beacon_gateway_test {

class Receipts {
 public:
  // Whether the gateway of that day waits for them, and that they can be trusted, once and at once: in the evening.
  explicit Receipts(std::uint64_t seed);
  [[nodiscard]] beacon_gateway::ReceiptPolicy policy() const { return policy_; }
  void set_friendly(bool friendly) { friendly_ = friendly; }

  // The orchestrator got these events.
  void confirm(const std::vector<std::string>& ids, beacon_gateway::Duration now);
  // The ids of the message that comes now; empty: none does.
  [[nodiscard]] std::vector<std::string> take(beacon_gateway::Duration now);

 private:
  Dice dice_;
  beacon_gateway::ReceiptPolicy policy_;
  bool friendly_ = false;
  std::multimap<beacon_gateway::Duration, std::string> under_way_;
};

}  // namespace beacon_gateway_test
