// What the retailer's app says of where its shopper is: believed only while it is new, and only of who agreed to it.

#include <algorithm>

#include "core/digest.hpp"
#include "core/presence/app_report.hpp"
#include "gateway.hpp"

namespace beacon_gateway {
namespace {

// Contract 3.4.
constexpr Duration kOldestReport = std::chrono::seconds{30};

// A full shop's phones after an outage, then one report a minute of a thousand shoppers.
constexpr int kReportsAtOnce = 500;
constexpr Duration kReportEvery = std::chrono::milliseconds{50};

Count count_of(ReportRefusal why) {
  static_assert(static_cast<std::size_t>(Count::reports_no_visit) -
                    static_cast<std::size_t>(Count::reports_clock_untrusted) ==
                kReportRefusals - 1);
  return static_cast<Count>(static_cast<int>(Count::reports_clock_untrusted) + static_cast<int>(why));
}

}  // namespace

// A nonce is kept as long as a report that bears it could still count.
ReportBounds::ReportBounds() : rate(kReportsAtOnce, kReportEvery), nonces(kOldestReport + kClocksDiffer) {}

void Gateway::take_report(const PresenceReport& report) {
  const auto refused = join(report);
  counters_.add(refused ? count_of(*refused) : Count::reports_taken);
}

std::optional<ReportRefusal> Gateway::join(const PresenceReport& report) {
  if (now_.quality == TimeQuality::untrusted) return ReportRefusal::clock_untrusted;
  if (!report_bounds_.rate.take(now_.monotonic)) return ReportRefusal::rate_limited;
  const Duration age = now_.wall - report.at;
  if (age > kOldestReport) return ReportRefusal::too_old;
  if (age < -kClocksDiffer) return ReportRefusal::from_the_future;
  // By shopper: nobody can use up another one's.
  if (!report_bounds_.nonces.use(digest_hex({report.shopper_id.value(), report.nonce}), now_.monotonic))
    return ReportRefusal::nonce_used;
  if (lease_over()) return ReportRefusal::lease_over;
  const auto stored = profiles_.find(report.shopper_id);
  if (!stored || stored->profile.staff) return ReportRefusal::unknown_shopper;
  if (!consents_to(stored->profile, Purpose::presence, now_.wall)) return ReportRefusal::no_consent;

  std::optional<ZoneIndex> zone;
  if (report.zone) {
    const auto found = std::ranges::find(settings_.shop.zones, *report.zone, &Zone::id);
    if (found != settings_.shop.zones.end()) zone = static_cast<ZoneIndex>(found - settings_.shop.zones.begin());
  }
  // She stands in a zone of another gateway: the visit goes on here, too, but it starts there.
  const bool elsewhere = report.zone && !zone;
  if (!visit_open(stored->number) && (!settings_.app_may_start || elsewhere)) return ReportRefusal::no_visit;

  Follower& follower = follow(stored->number);
  changes_.clear();
  // Started with the report's own instant, so that every gateway of the shop gives the visit the same id.
  beacon_gateway::take_report(follower.track, settings_.shop, {zone, later(now_, -std::max(age, Duration{}))},
                              changes_);
  unsaved_.insert(stored->number);
  tell(follower, now_);
  wait_for_silence(stored->number, follower);
  return std::nullopt;
}

}  // namespace beacon_gateway
