// What the broker's answer to a publish means for the row (MQTT 5.0, section 3.4.2.1, table of PUBACK reason codes).
#pragma once

#include <string>

#include "ports/uplink.hpp"

namespace beacon_gateway::mqtt {

// The codes this driver names; all values from MQTT 5.0, section 2.4.
namespace reason {
inline constexpr int kFirstFailure = 0x80;  // below: success; 0x10 = nobody subscribed, which is the receipts' worry
inline constexpr int kLast = 0xFF;          // above: not the broker's words but Paho's
inline constexpr int kUnspecified = 0x80;
inline constexpr int kImplementationSpecific = 0x83;
inline constexpr int kNotAuthorized = 0x87;
inline constexpr int kSessionTakenOver = 0x8E;
inline constexpr int kTopicNameInvalid = 0x90;
inline constexpr int kPacketIdentifierInUse = 0x91;
inline constexpr int kPacketTooLarge = 0x95;
inline constexpr int kQuotaExceeded = 0x97;
inline constexpr int kPayloadFormatInvalid = 0x99;
}  // namespace reason

[[nodiscard]] SendOutcome outcome_of(int reason_code) noexcept;

// "0x87 not authorized"; for a code not named above only the number.
[[nodiscard]] std::string reason_text(int reason_code);

}  // namespace beacon_gateway::mqtt
