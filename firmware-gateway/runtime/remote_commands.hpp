// Carries out what the orchestrator asks on the topic `command` (contract 3.4), and says what became of it.
//
// A command comes here only when its signature and its `seq` were found good. Still there are bounds, because whoever
// signs may have a fault or lose the key (reliability.md T8): few commands at once, fewer erasures, and no erasure by
// somebody who knows an older profile than we hold. Each refusal is counted by its name. Thread: the loop's.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/command.hpp"
#include "core/counters.hpp"
#include "core/token_bucket.hpp"
#include "gateway.hpp"

namespace beacon_gateway {

// What the gateway cannot do by itself.
struct RemoteHands {
  std::function<std::optional<std::string>()> reload;  // why not, or nothing
  std::function<void()> identify;                      // lets a person in the shop notice which box this is
};

class RemoteCommands {
 public:
  // All outlive it.
  RemoteCommands(Gateway& gateway, ProfileStore& profiles, Counters& counters, RemoteHands hands);

  [[nodiscard]] CommandReply answer(const Command& command, MonotonicTime now);

 private:
  struct Refused {
    CommandRefusal why;
    std::string detail;
  };
  using Outcome = std::optional<Refused>;
  [[nodiscard]] Outcome carry_out(const Command& command, MonotonicTime now);
  [[nodiscard]] Outcome erase(const Command& command, MonotonicTime now);

  Gateway& gateway_;
  ProfileStore& profiles_;
  Counters& counters_;
  RemoteHands hands_;
  TokenBucket commands_;
  TokenBucket erasures_;
};

}  // namespace beacon_gateway
