#include "core/counters.hpp"

namespace beacon_gateway {

std::string_view name(Count count) noexcept {
  constexpr std::array<std::string_view, kCounts> kNames{"advertisements",
                                                         "dropped_already_seen",
                                                         "dropped_no_rssi",
                                                         "dropped_no_beacon",
                                                         "dropped_malformed",
                                                         "dropped_unknown",
                                                         "dropped_contested",
                                                         "dropped_no_live_consent",
                                                         "dropped_staff",
                                                         "dropped_lease_over",
                                                         "sightings",
                                                         "visits_started",
                                                         "visits_ended",
                                                         "visits_forgotten",
                                                         "two_places_alarms",
                                                         "triggers",
                                                         "suppressed",
                                                         "events_recorded",
                                                         "sent",
                                                         "delivered",
                                                         "expired",
                                                         "withdrawn",
                                                         "dead_letters",
                                                         "evicted",
                                                         "held",
                                                         "lost",
                                                         "downlink_messages",
                                                         "downlink_too_large",
                                                         "downlink_not_signed",
                                                         "downlink_unknown_key",
                                                         "downlink_bad_signature",
                                                         "downlink_wrong_algorithm",
                                                         "downlink_other_gateway",
                                                         "downlink_malformed",
                                                         "downlink_overflow",
                                                         "downlink_repeated",
                                                         "downlink_gaps",
                                                         "profiles_taken",
                                                         "profiles_refused",
                                                         "withdrawals",
                                                         "erasures",
                                                         "advertisements_overflowed",
                                                         "dropped_store_unavailable",
                                                         "store_failures"};
  return kNames[static_cast<std::size_t>(count)];
}

}  // namespace beacon_gateway
