// The orchestrator's side of the downlink: it knows each shopper's true consents by revision, tells of changes one by
// one, and answers a gateway that asks for what it misses with single revisions or a full set in parts.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/downlink.hpp"
#include "tests/simulation/dice.hpp"

namespace beacon_gateway_test {

class Orchestrator {
 public:
  // What is known as revision 0, imported by hand.
  Orchestrator(std::uint64_t seed, std::vector<beacon_gateway::Profile> known);

  // Something changes at a shopper: the message that says so, and who it was.
  [[nodiscard]] beacon_gateway::Downlink change(beacon_gateway::WallTime when);
  // What a gateway needs that holds this revision.
  [[nodiscard]] std::vector<beacon_gateway::Downlink> answer(std::int64_t have, beacon_gateway::WallTime now);

  [[nodiscard]] std::int64_t revision() const { return static_cast<std::int64_t>(messages_.size()) - 1; }
  [[nodiscard]] const std::vector<beacon_gateway::Profile>& first_known() const { return first_known_; }
  [[nodiscard]] std::vector<beacon_gateway::ShopperId> shoppers() const;
  [[nodiscard]] bool knows(const beacon_gateway::ShopperId& shopper) const { return versions_.contains(shopper); }
  // As of a revision; nothing: not a customer, or has withdrawn.
  [[nodiscard]] const beacon_gateway::Profile* profile(const beacon_gateway::ShopperId& shopper,
                                                       std::int64_t revision) const;
  [[nodiscard]] bool consents(const beacon_gateway::ShopperId& shopper, beacon_gateway::Purpose purpose,
                              beacon_gateway::WallTime at, std::int64_t revision) const;

 private:
  struct Version {
    std::int64_t revision = 0;
    std::optional<beacon_gateway::Profile> profile;  // without consents while nobody can read it
    bool readable = true;
  };

  [[nodiscard]] const Version& newest(const beacon_gateway::ShopperId& shopper) const {
    return versions_.at(shopper).back();
  }
  [[nodiscard]] beacon_gateway::Downlink sealed(beacon_gateway::ProfilesMessage content, beacon_gateway::WallTime now);
  [[nodiscard]] std::vector<beacon_gateway::Downlink> full_set(beacon_gateway::WallTime now);

  Dice dice_;
  std::vector<beacon_gateway::Profile> first_known_;
  std::map<beacon_gateway::ShopperId, std::vector<Version>> versions_;
  struct Said {
    beacon_gateway::ProfilesMessage content;
    beacon_gateway::WallTime at{};  // sent again it bears this still: a withdrawal must not undo an agreement after it
  };
  std::vector<Said> messages_;  // by revision
  std::int64_t newest_version_ = 1;
  std::int64_t newest_signed_ = 0;
};

}  // namespace beacon_gateway_test
