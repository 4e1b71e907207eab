// What people ask of the gateway, answered as text: by the daemon over its control socket, or, when it is stopped, by
// the command itself on the store. Runs on the thread that owns the gateway.
#pragma once

#include <functional>
#include <string>

#include "cli/edges.hpp"
#include "cli/orchestrator_campaigns.hpp"
#include "core/counters.hpp"
#include "core/radio_status.hpp"
#include "core/warning.hpp"
#include "gateway.hpp"
#include "messages/control_json.hpp"

namespace beacon_gateway {

// What only a running daemon knows.
struct DaemonFacts {
  std::function<std::string()> link;  // state of the broker link, in words
  std::function<ControlAnswer()> reload;
  WallTime since{};
  std::function<RadioStatus()> radio = {};          // nothing of captures
  std::function<std::string()> store_trouble = {};  // why the store takes nothing; empty: it does
  std::function<Warnings()> warnings = {};
  std::function<CampaignsInForce()> campaigns = {};
  std::function<bool()> identify_asked = {};  // somebody far away wants to know which box this is
};

class OperatorRequests {
 public:
  // All outlive it. `daemon` is null when no daemon runs.
  OperatorRequests(Gateway& gateway, ProfileStore& profiles, JourneyStore& journey, const Counters& counters,
                   const DaemonFacts* daemon)
      : gateway_(gateway), profiles_(profiles), journey_(journey), counters_(counters), daemon_(daemon) {}

  // Whoever may not ask gets a refusal; every question about shoppers leaves an audit line in the log.
  [[nodiscard]] ControlAnswer answer(const ControlQuestion& question, const Asker& asker);

 private:
  [[nodiscard]] std::string store_trouble() const;
  [[nodiscard]] ControlAnswer import(const ControlQuestion& question);
  [[nodiscard]] ControlAnswer list(bool json);
  [[nodiscard]] ControlAnswer show(const ControlQuestion& question);
  [[nodiscard]] ControlAnswer erase(const ControlQuestion& question);
  [[nodiscard]] ControlAnswer explain(const ControlQuestion& question);
  [[nodiscard]] CampaignsInForce campaigns() const;
  [[nodiscard]] ControlAnswer irks();
  [[nodiscard]] ControlAnswer whose(const std::string& text);
  [[nodiscard]] ControlAnswer consents();
  [[nodiscard]] ControlAnswer status(bool json);

  Gateway& gateway_;
  ProfileStore& profiles_;
  JourneyStore& journey_;
  const Counters& counters_;
  const DaemonFacts* daemon_;
};

}  // namespace beacon_gateway
