// What the orchestrator tells the gateway (contract 3.4), decoded and with its signature checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/campaign_set.hpp"
#include "core/command.hpp"
#include "core/other_visit.hpp"
#include "core/presence_report.hpp"
#include "core/profile.hpp"
#include "core/shopper_id.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

// The number stands in the store, beside the highest `seq` of the topic: it stays what it is.
enum class DownlinkTopic : std::uint8_t {
  store_profiles = 0,
  gateway_profiles = 1,
  receipts = 2,
  command = 3,
  presence = 4,
  other_visits = 5,
  store_campaigns = 6,
  gateway_campaigns = 7
};

// Why a message was not believed or not understood. Each is counted; nothing of its content is kept or logged.
enum class DownlinkRefusal : std::uint8_t {
  too_large,    // above kMostDownlinkOctets
  not_signed,   // no compact JWS, and the configuration does not allow unsigned ones
  unknown_key,  // its `kid` is none of the trusted keys
  bad_signature,
  wrong_algorithm,  // anything but EdDSA, "none" above all; or its header has a `crit`
  other_gateway,    // its tenant or store, or the gateway that it names, is not ours
  malformed,        // not what the schema of its topic says
  overflow,         // came faster than it could be taken in
};
inline constexpr std::size_t kDownlinkRefusals = 8;
[[nodiscard]] std::string_view name(DownlinkRefusal refusal) noexcept;

// The largest message that is read: about 1 500 profiles. A full set comes in as many parts as it needs.
inline constexpr std::size_t kMostDownlinkOctets = 1U << 20U;

// What a signature vouches for besides the message itself.
struct SignedClaims {
  std::string key_id;         // of the key that signed; empty: unsigned, but the message made these claims
  std::int64_t sequence = 0;  // `seq`: higher each time, by topic
  WallTime issued_at{};       // `iat`
  friend bool operator==(const SignedClaims&, const SignedClaims&) = default;
};

// Withdrawals come first, then upserts. With `parts`, the upserts are one part of the full set, of which all that is
// not in it will be removed.
struct ProfilesMessage {
  std::int64_t revision = 0;
  std::vector<ShopperId> withdrawals{};
  std::vector<Profile> upserts{};
  std::vector<std::string> faults{};  // of profiles that were left out: what and where, without what the profile says
  // Whose profiles were left out, as far as they can be told: they may have taken a consent back.
  std::vector<ShopperId> unreadable{};
  bool full = false;
  int part = 1;  // from 1
  int parts = 1;
};

// Events that the orchestrator has processed.
struct ReceiptsMessage {
  std::vector<std::string> event_ids;
};

struct Downlink {
  DownlinkTopic topic = DownlinkTopic::store_profiles;
  std::optional<SignedClaims> claims;  // absent: refused, or unsigned and without claims, which the settings allow
  std::variant<DownlinkRefusal, ProfilesMessage, ReceiptsMessage, Command, PresenceReport, OtherVisit, CampaignSet>
      content;
  std::size_t octets = 0;  // as received: what it weighs while it waits
};

}  // namespace beacon_gateway
