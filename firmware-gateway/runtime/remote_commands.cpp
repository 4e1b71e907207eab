#include "runtime/remote_commands.hpp"

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace beacon_gateway {
namespace {

// A program that restarts and asks everything anew stays below this; a loop in it does not.
constexpr int kCommandsAtOnce = 20;
constexpr Duration kCommandEvery = std::chrono::seconds{1};
// Persons leave one by one. Many at once are withdrawals in a message of profiles, or a full set.
constexpr int kErasuresAtOnce = 10;
constexpr Duration kErasureEvery = std::chrono::minutes{1};

Count count_of(CommandRefusal why) {
  static_assert(static_cast<std::size_t>(Count::commands_failed) -
                    static_cast<std::size_t>(Count::commands_unknown_command) ==
                static_cast<std::size_t>(CommandRefusal::failed));
  return static_cast<Count>(static_cast<int>(Count::commands_unknown_command) + static_cast<int>(why));
}

}  // namespace

RemoteCommands::RemoteCommands(Gateway& gateway, ProfileStore& profiles, Counters& counters, RemoteHands hands)
    : gateway_(gateway),
      profiles_(profiles),
      counters_(counters),
      hands_(std::move(hands)),
      commands_(kCommandsAtOnce, kCommandEvery),
      erasures_(kErasuresAtOnce, kErasureEvery) {}

CommandReply RemoteCommands::answer(const Command& command, MonotonicTime now) {
  CommandReply reply{command.reply_to, command.word};
  if (Outcome refused = carry_out(command, now)) {
    counters_.add(count_of(refused->why));
    // The bound on commands bounds these lines too; what is above it is only counted.
    if (refused->why != CommandRefusal::rate_limited)
      spdlog::warn("orchestrator: command {} refused: {}", command.word, name(refused->why));
    reply.refusal = refused->why;
    reply.detail = std::move(refused->detail);
    return reply;
  }
  counters_.add(Count::commands);
  spdlog::info("orchestrator: command {} carried out", command.word);
  return reply;
}

RemoteCommands::Outcome RemoteCommands::carry_out(const Command& command, MonotonicTime now) {
  if (!commands_.take(now))
    return Refused{CommandRefusal::rate_limited,
                   fmt::format("send at most {} commands at once and one a second", kCommandsAtOnce)};
  if (command.reply_topic_refused)
    return Refused{CommandRefusal::reply_topic,
                   "the Response Topic must be within beacon-gateway/v1/TENANT/ and have a level named reply"};
  if (!command.kind)
    return Refused{CommandRefusal::unknown_command, fmt::format("known are {}", fmt::join(kCommandNames, ", "))};
  switch (*command.kind) {
    case CommandKind::sync:
      gateway_.ask_for_sync();
      return std::nullopt;
    case CommandKind::reload:
      if (auto why = hands_.reload()) return Refused{CommandRefusal::failed, std::move(*why)};
      return std::nullopt;
    case CommandKind::pause:
    case CommandKind::resume:
      gateway_.pause(*command.kind == CommandKind::pause);
      return std::nullopt;
    case CommandKind::erase:
      return erase(command, now);
    case CommandKind::identify:
      hands_.identify();
      return std::nullopt;
  }
  return std::nullopt;
}

RemoteCommands::Outcome RemoteCommands::erase(const Command& command, MonotonicTime now) {
  const auto held = profiles_.version(*command.shopper);
  if (held && command.version && *command.version < *held)
    return Refused{CommandRefusal::version_behind,
                   fmt::format("version {} of this profile is held: is the sender's word older?", *held)};
  if (!erasures_.take(now))
    return Refused{CommandRefusal::too_many_erasures,
                   "withdraw many persons by a message on the topic profiles, or wait a minute for each"};
  spdlog::info("audit: the orchestrator erases {}", command.shopper->masked());
  gateway_.withdraw(*command.shopper);
  return std::nullopt;
}

}  // namespace beacon_gateway
