#include "core/presence/simple_mode.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace beacon_gateway::simple_mode {
namespace {

// Contract 3.7, simple mode, in its order.
constexpr Duration kTimeConstant = std::chrono::seconds{2};
constexpr Duration kStartAnewAfter = std::chrono::seconds{30};
constexpr Duration kHeardWithin = std::chrono::seconds{15};
constexpr Duration kStartWindow = std::chrono::seconds{10};
constexpr Duration kSameAdvertisement = std::chrono::milliseconds{100};
constexpr double kChangeMarginDb = 4;

void update_level(std::optional<ScannerLevel>& level, double dbm, const Instant& at) {
  if (!level || at.monotonic - level->heard.monotonic >= kStartAnewAfter) {
    level = ScannerLevel{dbm, at};
    return;
  }
  const double elapsed = std::chrono::duration<double>(at.monotonic - level->heard.monotonic).count();
  const double weight = 1.0 - std::exp(-elapsed / std::chrono::duration<double>(kTimeConstant).count());
  // Two advertisements at one instant weigh nothing by the formula; the mean then stays, as in its limit.
  level->mean_dbm += weight * (dbm - level->mean_dbm);
  level->heard = at;
}

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

// A zone that is loud enough to enter convinces, also where a faint sighting elsewhere was the moment to see it.
void enter(Visit& visit, ZoneIndex zone, const Instant& at, std::vector<PresenceChange>& changes) {
  visit.last_convincing = at;
  visit.stay = ZoneStay{zone, at, at};
  if (std::ranges::none_of(visit.dwell, [&](const auto& one) { return one.first == zone; }))
    visit.dwell.emplace_back(zone, Duration{});
  changes.emplace_back(ZoneEntered{zone});
}

void leave(Visit& visit, const Instant& until, std::vector<PresenceChange>& changes) {
  const ZoneStay stay = *visit.stay;
  const Duration dwell = until.monotonic - stay.entered.monotonic;
  std::ranges::find_if(visit.dwell, [&](const auto& one) { return one.first == stay.zone; })->second += dwell;
  visit.last_zone = stay.zone;
  visit.stay.reset();
  changes.emplace_back(ZoneLeft{stay.zone, dwell});
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
  enter(*track.visit, candidate->zone, at, changes);
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
      if (visit.stay) leave(visit, at, changes);
      enter(visit, candidate->zone, at, changes);
      return;
    }
  }
  if (convincing && visit.stay && visit.stay->zone == here) {
    const Duration before = visit.stay->last_convincing.monotonic - visit.stay->entered.monotonic;
    visit.stay->last_convincing = at;
    changes.emplace_back(ZoneDwelled{here, before, at.monotonic - visit.stay->entered.monotonic});
  }
}

}  // namespace

void observe(Track& track, const Shop& shop, ScannerIndex scanner, int rssi_dbm, const Instant& at,
             std::vector<PresenceChange>& changes) {
  track.levels.resize(shop.scanners.size());
  update_level(track.levels[scanner], rssi_dbm + shop.scanners[scanner].offset_db, at);
  if (track.visit)
    follow(track, shop, scanner, at, changes);
  else
    maybe_start(track, shop, scanner, at, changes);
}

std::optional<Instant> next_deadline(const Track& track, const Shop& shop) {
  if (track.visit) {
    const Instant end = later(track.visit->last_convincing, shop.visit.ends_after);
    if (!track.visit->stay) return end;
    const Instant zone_end = later(track.visit->stay->last_convincing, shop.visit.zone_left_after);
    return zone_end.monotonic < end.monotonic ? zone_end : end;
  }
  std::optional<Instant> newest;
  for (const auto& level : track.levels)
    if (level && (!newest || level->heard.monotonic > newest->monotonic)) newest = level->heard;
  if (!newest) return std::nullopt;
  return later(*newest, kStartAnewAfter);
}

void pass_deadline(Track& track, const Shop& shop, std::vector<PresenceChange>& changes) {
  if (!track.visit) {
    track = Track{};
    return;
  }
  Visit& visit = *track.visit;
  const Instant end = later(visit.last_convincing, shop.visit.ends_after);
  const bool zone_first =
      visit.stay && later(visit.stay->last_convincing, shop.visit.zone_left_after).monotonic < end.monotonic;
  if (visit.stay) leave(visit, visit.stay->last_convincing, changes);
  if (zone_first) return;
  changes.emplace_back(VisitEnded{visit.started, visit.last_convincing, visit.last_zone, std::move(visit.dwell)});
  track.visit.reset();
  // A level that old would start anew; without it the track has no deadline before the visit's end.
  for (auto& level : track.levels)
    if (level && end.monotonic - level->heard.monotonic >= kStartAnewAfter) level.reset();
}

bool empty(const Track& track) {
  return !track.visit && std::ranges::none_of(track.levels, [](const auto& level) { return level.has_value(); });
}

void forget(Track& track) {
  track = Track{};
}

}  // namespace beacon_gateway::simple_mode
