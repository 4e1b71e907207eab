// What the orchestrator says to a gateway under test: messages as they come out of the reader, signed or not.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/downlink.hpp"
#include "tests/unit/gateway_world.hpp"

namespace beacon_gateway_test {

// Signed with this sequence number, in the morning; without one it is not signed.
inline Downlink message(ProfilesMessage content, std::optional<std::int64_t> sequence = std::nullopt,
                        DownlinkTopic topic = DownlinkTopic::gateway_profiles) {
  std::optional<SignedClaims> claims;
  if (sequence) claims = SignedClaims{"key", *sequence, kMorning};
  return {topic, claims, std::move(content), 100};
}

inline Downlink upserts(std::int64_t revision, std::vector<Profile> profiles) {
  return message({.revision = revision, .upserts = std::move(profiles)});
}

}  // namespace beacon_gateway_test
