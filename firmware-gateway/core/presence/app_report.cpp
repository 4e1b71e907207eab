#include "core/presence/app_report.hpp"

#include <algorithm>
#include <cassert>

#include "core/presence/stay.hpp"

namespace beacon_gateway {
namespace {

ZoneIndex first_entrance(const Shop& shop) {
  const auto found = std::ranges::find_if(shop.zones, &Zone::entrance);
  assert(found != shop.zones.end());  // the settings require one
  return static_cast<ZoneIndex>(found - shop.zones.begin());
}

void start(Track& track, ZoneIndex zone, const Instant& at, std::vector<PresenceChange>& changes) {
  VisitStarted started{.zone = zone};
  started.evidence = StartEvidence::app;
  changes.emplace_back(started);
  track.start_sightings.clear();
  track.visit = Visit{at, at, std::nullopt, {}, std::nullopt};
  enter_zone(*track.visit, zone, at, changes);
}

}  // namespace

void take_report(Track& track, const Shop& shop, const AppReport& report, std::vector<PresenceChange>& changes) {
  if (!track.visit) return start(track, report.zone ? *report.zone : first_entrance(shop), report.at, changes);
  Visit& visit = *track.visit;
  if (report.at.monotonic <= visit.last_convincing.monotonic) return;
  visit.last_convincing = report.at;
  if (!report.zone) return;
  if (visit.stay && visit.stay->zone == *report.zone) return dwell_on(*visit.stay, report.at, changes);
  if (visit.stay) leave_zone(visit, report.at, changes);
  enter_zone(visit, *report.zone, report.at, changes);
}

}  // namespace beacon_gateway
