#include "drivers/mqtt/reason_code.hpp"

#include <array>
#include <cstdio>

namespace beacon_gateway::mqtt {

namespace {

const char* name_of(int reason_code) {
  switch (reason_code) {
    case reason::kUnspecified:
      return " unspecified error";
    case reason::kImplementationSpecific:
      return " implementation specific error";
    case reason::kNotAuthorized:
      return " not authorized";
    case reason::kSessionTakenOver:
      return " session taken over";
    case reason::kTopicNameInvalid:
      return " topic name invalid";
    case reason::kPacketIdentifierInUse:
      return " packet identifier in use";
    case reason::kPacketTooLarge:
      return " packet too large";
    case reason::kQuotaExceeded:
      return " quota exceeded";
    case reason::kPayloadFormatInvalid:
      return " payload format invalid";
    default:
      return "";
  }
}

}  // namespace

SendOutcome outcome_of(int reason_code) noexcept {
  if (reason_code < reason::kFirstFailure) return SendOutcome::accepted;
  switch (reason_code) {
    case reason::kNotAuthorized:
    case reason::kQuotaExceeded:
      return SendOutcome::held;
    case reason::kPacketIdentifierInUse:  // about the link's bookkeeping, not about the row
      return SendOutcome::lost;
    default:
      return SendOutcome::refused;
  }
}

std::string reason_text(int reason_code) {
  constexpr std::size_t kHexSize = 16;  // "0x" and at most eight digits
  std::array<char, kHexSize> hex{};
  std::snprintf(hex.data(), hex.size(), "0x%02X", static_cast<unsigned>(reason_code));
  return std::string{hex.data()} + name_of(reason_code);
}

}  // namespace beacon_gateway::mqtt
