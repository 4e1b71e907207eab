// Everything that happened or was dropped, counted by a named cause: silence has a reason. Never per person.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace beacon_gateway {

enum class Count : std::uint8_t {
  advertisements,        // all that reached the gateway
  dropped_already_seen,  // of a capture, before a restart
  dropped_no_rssi,       // the controller did not say how loud
  dropped_no_beacon,     // no frame of a kind we know, and no address that lasts
  dropped_malformed,     // a structure runs past the end, and nothing usable stood before
  dropped_unknown,       // a stranger
  dropped_contested,     // two shoppers claim the identifier
  dropped_no_live_consent,
  dropped_staff,
  dropped_lease_over,  // no word from the orchestrator for longer than the consent lease
  sightings,           // attributed to a shopper
  visits_started,
  visits_ended,
  visits_forgotten,   // consent ended in mid-visit
  two_places_alarms,  // one identity at two scanners that are far from each other
  triggers,
  suppressed,
  events_recorded,
  sent,  // handed to the uplink, repeats included
  delivered,
  expired,
  withdrawn,
  dead_letters,
  evicted,   // the outbox was full, or the row too old
  held,      // refused for now by the broker
  lost,      // link gone before the answer: sent again
  receipts,  // ids of events that the orchestrator says it has processed, repeats included
  sent_again_without_receipt,
  expired_without_receipt,  // of `expired`: the broker had taken it
  downlink_messages,        // believed and understood
  downlink_too_large,       // this and the following: refused, in the order of DownlinkRefusal
  downlink_not_signed,
  downlink_unknown_key,
  downlink_bad_signature,
  downlink_wrong_algorithm,
  downlink_other_gateway,
  downlink_malformed,
  downlink_overflow,
  downlink_repeated,         // a sequence number or a revision that was dealt with before
  downlink_gaps,             // a revision is missing: sync
  commands,                  // carried out
  commands_unknown_command,  // this and the following: refused, in the order of CommandRefusal
  commands_reply_topic,
  commands_rate_limited,
  commands_version_behind,
  commands_too_many_erasures,
  commands_failed,
  campaigns_taken,           // sets of the orchestrator
  campaigns_repeated,        // the set that is held
  campaigns_version_behind,  // this and the following: refused as a whole
  campaigns_rate_limited,
  campaigns_too_large,
  campaigns_faulty,
  replies_dropped,          // more waited for the broker than is kept
  reports_taken,            // of the app, on presence
  reports_clock_untrusted,  // this and the following: refused, in the order of ReportRefusal
  reports_rate_limited,
  reports_too_old,
  reports_from_the_future,
  reports_nonce_used,
  reports_lease_over,
  reports_unknown_shopper,
  reports_no_consent,
  reports_no_visit,
  others_adopted,          // visits that another gateway of the shop started
  others_ended,            // an adopted visit, by the gateway that kept it
  others_taken_over,       // the keeper lost a shopper whom we still hear
  others_yielded_to,       // theirs was older than ours
  others_younger,          // theirs was younger than ours
  others_repeated,         // known already, or of a visit that is not adopted
  others_stale,            // too old, from the future, or from a recording
  others_unknown_shopper,  // not held here
  others_no_consent,       // to presence; or the lease is over
  profiles_taken,          // from the orchestrator
  profiles_refused,        // with a fault, or of a person who was erased
  withdrawals,
  erasures,
  advertisements_overflowed,  // the queue was full: the oldest went
  dropped_store_unavailable,  // nothing could be recorded, so nothing was heard
  store_failures,             // times that this began
  kCount
};
inline constexpr std::size_t kCounts = static_cast<std::size_t>(Count::kCount);

[[nodiscard]] std::string_view name(Count count) noexcept;

class Counters {
 public:
  void add(Count count, std::uint64_t by = 1) { values_[static_cast<std::size_t>(count)] += by; }
  [[nodiscard]] std::uint64_t operator[](Count count) const { return values_[static_cast<std::size_t>(count)]; }

 private:
  std::array<std::uint64_t, kCounts> values_{};
};

}  // namespace beacon_gateway
