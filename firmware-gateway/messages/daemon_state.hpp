// What `status --json` says of the running daemon, read back for `doctor`. What is missing keeps its default: the
// daemon may be of another version.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/presence/shop.hpp"
#include "core/radio_status.hpp"

namespace beacon_gateway {

struct DaemonState {
  bool paused = false;
  bool lease_over = false;
  std::size_t identifiers = 0;
  std::string broker;  // in words: "mqtt://… connected, 0 in flight"
  RadioStatus radio;   // of the scanners that the settings have
  // The set of campaigns that the orchestrator has sent and that decides instead of campaigns.d, if there is one.
  struct OrchestratorSet {
    std::int64_t version = 0;
    std::size_t count = 0;
    bool fits = true;  // else nobody gets a message
  };
  std::optional<OrchestratorSet> orchestrator_set;
};

// Nothing for what is no JSON object.
[[nodiscard]] std::optional<DaemonState> daemon_state_from_json(std::string_view text, const Shop& shop);

}  // namespace beacon_gateway
