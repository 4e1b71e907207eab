#include "core/presence/simple_mode.hpp"

#include <algorithm>
#include <cassert>

#include "core/presence/stay.hpp"

namespace beacon_gateway::simple_mode {
namespace {

// Contract 3.7, simple mode, in its order.
constexpr Duration kHeardWithin = std::chrono::seconds{15};
constexpr Duration kStartWindow = std::chrono::seconds{10};
constexpr Duration kSameAdvertisement = std::chrono::milliseconds{100};
constexpr double kChangeMarginDb = 4;

// The loudest scanner of the zone heard lately; nothing if none was.
std::optional<double> zone_level(const Track& track, const Shop& shop, ZoneIndex zone, const Instant& now) {
  std::optional<double> loudest;
  for (std::size_t i = 0; i < track.levels.size(); ++i) {
    const auto& level = track.levels[i];
    if (!level || shop.scanners[i].zone != zone || now.monotonic - level->heard.monotonic > kHeardWithin) continue;
    if (!loudest || level->mean_dbm > *loudest) loudest = level->mean_dbm;
  }
  return loudest;
}

struct Candidate {
  ZoneIndex zone = 0;
  double level_dbm = 0;
};

// The loudest zone at or above its enter_dbm; the first configured wins a tie.
std::optional<Candidate> loudest_zone(const Track& track, const Shop& shop, const Instant& now, bool entrances_only) {
  std::optional<Candidate> best;
  const auto zones = static_cast<ZoneIndex>(shop.zones.size());
  for (ZoneIndex zone = 0; zone < zones; ++zone) {
    if (entrances_only && !shop.zones[zone].entrance) continue;
    const auto level = zone_level(track, shop, zone, now);
    if (level && *level >= shop.zones[zone].enter_dbm && (!best || *level > best->level_dbm)) best = {zone, *level};
  }
  return best;
}

// Counts the sighting towards a start, unless it is the same advertisement heard by a second scanner.
void count_start_sighting(Track& track, ScannerIndex scanner, const Instant& at) {
  auto& sightings = track.start_sightings;
  std::erase_if(sightings, [&](const StartSighting& one) { return at.monotonic - one.at.monotonic > kStartWindow; });
  if (!sightings.empty() && sightings.back().scanner != scanner &&
      at.monotonic - sightings.back().at.monotonic <= kSameAdvertisement)
    return;
  sightings.push_back({at, scanner});
}

void maybe_start(Track& track, const Shop& shop, ScannerIndex scanner, const Instant& at,
                 std::vector<PresenceChange>& changes) {
  const Zone& zone = shop.zones[shop.scanners[scanner].zone];
  if (!zone.entrance || track.levels[scanner]->mean_dbm < zone.enter_dbm) return;
  count_start_sighting(track, scanner, at);
  if (track.start_sightings.size() < static_cast<std::size_t>(shop.visit.min_sightings)) return;

  const auto candidate = loudest_zone(track, shop, at, true);
  assert(candidate);  // this scanner's zone is one
  const auto scanners = std::ranges::count_if(
      track.levels, [&](const auto& level) { return level && at.monotonic - level->heard.monotonic <= kStartWindow; });
  changes.emplace_back(VisitStarted{candidate->zone, candidate->level_dbm,
                                    static_cast<int>(track.start_sightings.size()), static_cast<int>(scanners)});
  track.start_sightings.clear();
  track.visit = Visit{at, at, std::nullopt, {}, std::nullopt};
  enter_zone(*track.visit, candidate->zone, at, changes);
}

void follow(Track& track, const Shop& shop, ScannerIndex scanner, const Instant& at,
            std::vector<PresenceChange>& changes) {
  Visit& visit = *track.visit;
  const ZoneIndex here = shop.scanners[scanner].zone;
  const bool convincing = zone_level(track, shop, here, at).value() >= shop.zones[here].exit_dbm;
  if (convincing) visit.last_convincing = at;

  if (const auto candidate = loudest_zone(track, shop, at, false);
      candidate && (!visit.stay || candidate->zone != visit.stay->zone)) {
    const auto present = visit.stay ? zone_level(track, shop, visit.stay->zone, at) : std::nullopt;
    if (!present || candidate->level_dbm >= *present + kChangeMarginDb) {
      if (visit.stay) leave_zone(visit, at, changes);
      // A zone that is loud enough to enter convinces, also where a faint sighting elsewhere was the moment to see it.
      enter_zone(visit, candidate->zone, at, changes);
      return;
    }
  }
  if (convincing && visit.stay && visit.stay->zone == here) dwell_on(*visit.stay, at, changes);
}

}  // namespace

void observe(Track& track, const Shop& shop, ScannerIndex scanner, const Instant& at,
             std::vector<PresenceChange>& changes) {
  if (track.visit)
    follow(track, shop, scanner, at, changes);
  else
    maybe_start(track, shop, scanner, at, changes);
}

}  // namespace beacon_gateway::simple_mode
