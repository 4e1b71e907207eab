// What the gateway puts into the outbox, and what it says of rows that leave it unsent.

#include <algorithm>

#include "gateway.hpp"

namespace beacon_gateway {

void Gateway::record(const Event& event) {
  journey_.record(event);
  counters_.add(Count::events_recorded);
}

// The outbox keeps its bounds by the end of the transaction that made it grow.
void Gateway::make_room(const Instant& at) {
  const bool time_is_known = at.quality == TimeQuality::trusted;
  for (const OutboxRow& row : journey_.surplus(time_is_known ? std::optional{at.wall} : std::nullopt)) {
    const bool expired = time_is_known && row.expires_at && *row.expires_at <= at.wall;
    journey_.end_row(row.sequence, expired ? RowEnd::expired : RowEnd::evicted);
    tell_unsent(row, expired ? Outcome::expired : Outcome::evicted, {}, at);
    counters_.add(expired ? Count::expired : Count::evicted);
  }
}

void Gateway::tell_unsent(const OutboxRow& row, Outcome outcome, std::string_view reason, const Instant& at) {
  if (row.campaign.empty()) return;  // only triggers are decided
  journey_.note(row.shopper_id, {at.wall, row.visit_id, row.campaign, std::string{name(outcome)}, std::string{reason}});
  if (!settings_.journey.report_suppressed) return;
  const auto stored = profiles_.find(row.shopper_id);
  if (!stored || !consents_to(stored->profile, Purpose::presence, at.wall)) return;
  Event event = make_unsent_event(settings_.name, row, outcome, std::max(journey_.newest_event_time(), at.wall));
  event.test = stored->profile.test;
  record(event);
}

}  // namespace beacon_gateway
