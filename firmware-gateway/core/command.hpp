// What the orchestrator may ask of one gateway (topic `command`, contract 3.4), and the answer to it, and to campaigns.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/shopper_id.hpp"

namespace beacon_gateway {

enum class CommandKind : std::uint8_t { sync, reload, pause, resume, erase, identify };
inline constexpr std::array<std::string_view, 6> kCommandNames{"sync",   "reload", "pause",
                                                               "resume", "erase",  "identify"};

// Where an answer goes. Not signed: MQTT carries it beside the message.
struct ReplyAddress {
  std::string topic;        // empty: the gateway's own topic `reply`
  std::string correlation;  // octets that go back as they came
  friend bool operator==(const ReplyAddress&, const ReplyAddress&) = default;
};

struct Command {
  std::optional<CommandKind> kind;        // absent: none that we know
  std::string word;                       // as it was asked; "?" if that is nothing to be repeated
  std::optional<ShopperId> shopper{};     // of erase
  std::optional<std::int64_t> version{};  // of erase: the newest of this profile that the sender knows
  ReplyAddress reply_to{};
  bool reply_topic_refused = false;  // the Response Topic leads out of what a reply may go to
};

enum class CommandRefusal : std::uint8_t {
  unknown_command,
  reply_topic,        // its Response Topic is none that a reply may go to
  rate_limited,       // more commands, or campaigns, than a person, or a sensible program, would send
  version_behind,     // a newer profile (erase) or set of campaigns is held than the sender knows
  too_many_erasures,  // erase: a mistake must not empty the store one by one
  failed,             // it was tried
  too_large,          // campaigns: above kMostCampaignOctets
  faulty,             // campaigns: the text has errors
};
inline constexpr std::size_t kCommandRefusals = 8;
[[nodiscard]] std::string_view name(CommandRefusal refusal) noexcept;

struct CommandReply {
  ReplyAddress to;
  std::string command;
  std::optional<CommandRefusal> refusal{};
  std::string detail{};                   // of a refusal: what to do, for a person
  std::optional<std::int64_t> version{};  // of campaigns: which were sent
};

}  // namespace beacon_gateway
