#include "core/presence/calibrated_mode.hpp"

#include <algorithm>
#include <cmath>

#include "core/presence/stay.hpp"

namespace beacon_gateway {
namespace {

// A visit that is told cannot be taken back: a wrong welcome in the street costs more than a second's delay.
constexpr double kStarts = 0.88;
// Contract 3.7: convincing. So must another zone be, too: the first scanner's word of an advertisement alone may name
// one that the next scanner's takes back.
constexpr double kConvinces = 0.5;
// Between two zones, as logarithms of odds: the new one must be believed in by so much more, 4 to 3; by 70 to 1 where
// it is the one just left, which fades over a minute.
constexpr double kZoneMargin = 0.3;
constexpr double kReturnMargin = 4;
constexpr Duration kReturnFades = std::chrono::seconds{60};
// For the evidence: who was heard lately.
constexpr Duration kEvidence = std::chrono::seconds{10};
// One advertisement heard by several scanners (contract 3.7). Within it the zone changes once.
constexpr Duration kSameAdvertisement = std::chrono::milliseconds{100};

void count(std::vector<StartSighting>& sightings, const Sighting& sighting) {
  std::erase_if(sightings,
                [&](const StartSighting& one) { return sighting.at.monotonic - one.at.monotonic > kEvidence; });
  const bool same = !sightings.empty() && sightings.back().scanner != sighting.scanner &&
                    sighting.at.monotonic - sightings.back().at.monotonic <= kSameAdvertisement;
  if (!same) sightings.push_back({sighting.at, sighting.scanner});
}

double margin(const Visit& visit, ZoneIndex into, const Instant& at) {
  if (visit.last_zone != into) return kZoneMargin;
  const std::chrono::duration<double> stayed = at.monotonic - visit.stay->entered.monotonic;
  return kZoneMargin + kReturnMargin * std::exp(-stayed / kReturnFades);
}

bool stays(const Visit& visit, const Where& where, const Instant& at) {
  if (at.monotonic - visit.stay->entered.monotonic <= kSameAdvertisement) return true;
  return where.zone == visit.stay->zone || where.in_zone < kConvinces ||
         where.in_zone < where.in_asked_zone * std::exp(margin(visit, where.zone, at));
}

}  // namespace

void CalibratedMode::observe(Track& track, const Sighting& sighting,
                             std::span<const std::optional<MonotonicTime>> heard_anything,
                             std::vector<PresenceChange>& changes) const {
  std::optional<ZoneIndex> zone;
  if (track.visit) zone = track.visit->stay ? track.visit->stay->zone : track.visit->last_zone;
  filter_.observe(track.belief, sighting, {track.levels, heard_anything}, zone);
  const Where where = filter_.where(track.belief, zone);
  if (track.visit) return follow(*track.visit, where, sighting.at, changes);
  maybe_start(track, where, sighting, changes);
  if (track.visit) filter_.settle_strength(track.belief);
}

void CalibratedMode::maybe_start(Track& track, const Where& where, const Sighting& sighting,
                                 std::vector<PresenceChange>& changes) {
  count(track.start_sightings, sighting);
  if (where.inside < kStarts) return;
  const Instant& at = sighting.at;
  const auto lately = [&](const auto& level) { return level && at.monotonic - level->heard.monotonic <= kEvidence; };
  double loudest = sighting.dbm;
  for (const auto& level : track.levels)
    if (lately(level)) loudest = std::max(loudest, level->mean_dbm);
  changes.emplace_back(VisitStarted{where.zone, loudest, static_cast<int>(track.start_sightings.size()),
                                    static_cast<int>(std::ranges::count_if(track.levels, lately)), where.inside});
  track.start_sightings.clear();
  track.visit = Visit{at, at, std::nullopt, {}, std::nullopt, where.inside};
  enter_zone(*track.visit, where.zone, at, changes, where.in_zone);
}

void CalibratedMode::follow(Visit& visit, const Where& where, const Instant& at, std::vector<PresenceChange>& changes) {
  if (where.inside < kConvinces) return;
  visit.last_convincing = at;
  visit.confidence = where.inside;
  if (visit.stay && stays(visit, where, at)) {
    visit.stay->confidence = where.in_asked_zone;
    return dwell_on(*visit.stay, at, changes);
  }
  if (visit.stay) leave_zone(visit, at, changes);
  enter_zone(visit, where.zone, at, changes, where.in_zone);
}

}  // namespace beacon_gateway
