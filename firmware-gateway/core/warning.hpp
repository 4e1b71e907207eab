// Something that somebody must look at, while it lasts: in health and in `status`. Nothing about any person.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace beacon_gateway {

struct Warning {
  std::string_view name;  // for machines: one of the names below
  std::string text;       // for people: what, and what to do
  friend bool operator==(const Warning&, const Warning&) = default;
};
using Warnings = std::vector<Warning>;

namespace warning {
inline constexpr std::string_view kNoConsumer = "no_consumer";                    // no receipts come
inline constexpr std::string_view kEventsHeld = "events_held";                    // the broker does not take events
inline constexpr std::string_view kSubscriptionRefused = "subscription_refused";  // nor lets us hear
inline constexpr std::string_view kDuplicateIdentity = "duplicate_identity";      // another box is us
inline constexpr std::string_view kTlsFailed = "tls_failed";                      // no trust between broker and us
inline constexpr std::string_view kCertificateExpires = "certificate_expires";    // ours: soon, or already
inline constexpr std::string_view kCertificateRefused = "certificate_refused";    // the new one; the old one is in use
inline constexpr std::string_view kStoreUnavailable = "store_unavailable";        // full or failing disk
inline constexpr std::string_view kCampaignsMisfit =
    "campaigns_misfit";  // the orchestrator's, with the files as they are
}  // namespace warning

}  // namespace beacon_gateway
