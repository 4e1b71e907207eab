// What the orchestrator publishes -> Downlink (contract 3.4; config/contract/schemas).
//
// The payload is a compact JWS whose payload is the message, or, only with `allow_unsigned`, the message itself: a JSON
// object. Fields of the message that we do not know are ignored (the contract's rule for change); an unknown field of a
// profile refuses that profile. A profile or withdrawal with a fault is left out and told in `faults` without anything
// of its values; a message that is not of its schema is refused as a whole. `iat` is carried, not judged: there is no
// clock here.
// Memory: one message of kMostDownlinkOctets is parsed at a time, at most about 30 MB while it is.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/downlink.hpp"
#include "core/gateway_name.hpp"
#include "messages/signed_message.hpp"

namespace beacon_gateway {

struct DownlinkRules {
  GatewayName name;
  std::shared_ptr<const TrustedKeys> trusted_keys;  // null: nobody is trusted
  bool allow_unsigned = false;
  std::vector<std::string> kept_attributes;
};

// More than fit into a message of kMostDownlinkOctets if each is sensible; refused as malformed.
inline constexpr std::size_t kMostWithdrawals = 50'000;
inline constexpr std::size_t kMostUpserts = 10'000;
// More than the outbox holds, and more than fit.
inline constexpr std::size_t kMostReceipts = 50'000;
// 100 000 profiles in parts of 10 each.
inline constexpr int kMostParts = 10'000;

// `reply_to`: what a command came with, unchecked.
[[nodiscard]] Downlink read_downlink(DownlinkTopic topic, std::string_view payload, const DownlinkRules& rules,
                                     const ReplyAddress& reply_to = {});

}  // namespace beacon_gateway
