#include "core/presence/stay.hpp"

#include <algorithm>
#include <cassert>

namespace beacon_gateway {

void enter_zone(Visit& visit, ZoneIndex zone, const Instant& at, std::vector<PresenceChange>& changes,
                std::optional<double> confidence) {
  assert(!visit.stay);
  visit.last_convincing = at;
  visit.stay = ZoneStay{zone, at, at, confidence};
  if (std::ranges::none_of(visit.dwell, [&](const auto& one) { return one.first == zone; }))
    visit.dwell.emplace_back(zone, Duration{});
  changes.emplace_back(ZoneEntered{zone, confidence});
}

void dwell_on(ZoneStay& stay, const Instant& at, std::vector<PresenceChange>& changes) {
  const Duration before = stay.last_convincing.monotonic - stay.entered.monotonic;
  stay.last_convincing = at;
  changes.emplace_back(ZoneDwelled{stay.zone, before, at.monotonic - stay.entered.monotonic});
}

void leave_zone(Visit& visit, const Instant& until, std::vector<PresenceChange>& changes) {
  assert(visit.stay);
  const ZoneStay stay = *visit.stay;
  const Duration dwell = until.monotonic - stay.entered.monotonic;
  std::ranges::find_if(visit.dwell, [&](const auto& one) { return one.first == stay.zone; })->second += dwell;
  visit.last_zone = stay.zone;
  visit.stay.reset();
  changes.emplace_back(ZoneLeft{stay.zone, dwell, stay.confidence});
}

}  // namespace beacon_gateway
