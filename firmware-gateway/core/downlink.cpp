#include "core/downlink.hpp"

#include <array>

namespace beacon_gateway {

std::string_view name(DownlinkRefusal refusal) noexcept {
  switch (refusal) {
    case DownlinkRefusal::too_large:
      return "too_large";
    case DownlinkRefusal::not_signed:
      return "not_signed";
    case DownlinkRefusal::unknown_key:
      return "unknown_key";
    case DownlinkRefusal::bad_signature:
      return "bad_signature";
    case DownlinkRefusal::wrong_algorithm:
      return "wrong_algorithm";
    case DownlinkRefusal::other_gateway:
      return "other_gateway";
    case DownlinkRefusal::malformed:
      return "malformed";
    case DownlinkRefusal::overflow:
      return "overflow";
  }
  return "?";
}

std::string_view name(ReportRefusal refusal) noexcept {
  constexpr std::array<std::string_view, kReportRefusals> kNames{"clock_untrusted", "rate_limited", "too_old",
                                                                 "from_the_future", "nonce_used",   "lease_over",
                                                                 "unknown_shopper", "no_consent",   "no_visit"};
  return kNames[static_cast<std::size_t>(refusal)];
}

std::string_view name(CommandRefusal refusal) noexcept {
  constexpr std::array<std::string_view, kCommandRefusals> kNames{
      "unknown_command",   "reply_topic", "rate_limited", "version_behind",
      "too_many_erasures", "failed",      "too_large",    "faulty"};
  return kNames[static_cast<std::size_t>(refusal)];
}

}  // namespace beacon_gateway
