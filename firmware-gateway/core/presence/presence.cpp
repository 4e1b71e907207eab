#include "core/presence/presence.hpp"

#include <algorithm>
#include <cmath>

#include "core/presence/simple_mode.hpp"
#include "core/presence/stay.hpp"

namespace beacon_gateway {
namespace {

// Contract 3.7: an exponential mean, started anew after silence.
constexpr Duration kTimeConstant = std::chrono::seconds{2};
// Of the settled mean: some metres of way, and long against a body that turns.
constexpr Duration kSettling = std::chrono::seconds{15};
constexpr Duration kStartAnewAfter = std::chrono::seconds{30};

// How long a visit is believed to go on at another gateway that does not say that it ended: it may have died. Longer
// than visits are, shorter than until the next one.
constexpr Duration kHeldElsewhere = std::chrono::hours{4};

void update_level(std::optional<ScannerLevel>& level, double dbm, const Instant& at) {
  if (!level || at.monotonic - level->heard.monotonic >= kStartAnewAfter) {
    level = ScannerLevel{dbm, at, dbm};
    return;
  }
  const std::chrono::duration<double> elapsed = at.monotonic - level->heard.monotonic;
  const auto weight = [&](Duration constant) { return 1.0 - std::exp(-elapsed / constant); };
  // Two advertisements at one instant weigh nothing by the formula; the mean then stays, as in its limit.
  level->mean_dbm += weight(kTimeConstant) * (dbm - level->mean_dbm);
  level->settled_dbm += weight(kSettling) * (dbm - level->settled_dbm);
  level->heard = at;
}

}  // namespace

Presence::Presence(const Shop& shop) : shop_(&shop), heard_anything_(shop.scanners.size()) {
  if (shop.calibration) calibrated_.emplace(shop);
}

void Presence::observe(Track& track, ScannerIndex scanner, int rssi_dbm, const Instant& at,
                       std::vector<PresenceChange>& changes) const {
  track.levels.resize(shop_->scanners.size());
  const double dbm = rssi_dbm + shop_->scanners[scanner].offset_db;
  const std::optional<ScannerLevel> before = track.levels[scanner];
  update_level(track.levels[scanner], dbm, at);
  if (calibrated_)
    calibrated_->observe(track, {scanner, dbm, at, before ? std::optional{before->heard} : std::nullopt},
                         heard_anything_, changes);
  else
    simple_mode::observe(track, *shop_, scanner, at, changes);
}

Instant Presence::end_of(const Visit& visit) const {
  const Instant end = later(visit.last_convincing, shop_->visit.ends_after);
  if (!visit.held_elsewhere) return end;
  const Instant given_up = later(visit.started, kHeldElsewhere);
  return given_up.monotonic > end.monotonic ? given_up : end;
}

std::optional<Instant> Presence::next_deadline(const Track& track) const {
  if (track.visit) {
    const Instant end = end_of(*track.visit);
    if (!track.visit->stay) return end;
    const Instant zone_end = later(track.visit->stay->last_convincing, shop_->visit.zone_left_after);
    return zone_end.monotonic < end.monotonic ? zone_end : end;
  }
  std::optional<Instant> newest;
  for (const auto& level : track.levels)
    if (level && (!newest || level->heard.monotonic > newest->monotonic)) newest = level->heard;
  if (!newest) return std::nullopt;
  return later(*newest, kStartAnewAfter);
}

void Presence::pass_deadline(Track& track, std::vector<PresenceChange>& changes) const {
  if (!track.visit) {
    track = Track{};
    return;
  }
  Visit& visit = *track.visit;
  const Instant end = end_of(visit);
  const bool zone_first =
      visit.stay && later(visit.stay->last_convincing, shop_->visit.zone_left_after).monotonic < end.monotonic;
  if (zone_first) return leave_zone(visit, visit.stay->last_convincing, changes);
  end_visit(track, changes);
  // A level that old would start anew; without it the track has no deadline before the visit's end.
  for (auto& level : track.levels)
    if (level && end.monotonic - level->heard.monotonic >= kStartAnewAfter) level.reset();
  if (empty(track)) track.belief = {};
}

void Presence::end_visit(Track& track, std::vector<PresenceChange>& changes) {
  Visit& visit = *track.visit;
  if (visit.stay) leave_zone(visit, visit.stay->last_convincing, changes);
  changes.emplace_back(
      VisitEnded{visit.started, visit.last_convincing, visit.last_zone, std::move(visit.dwell), visit.confidence});
  track.visit.reset();
}

void Presence::keep_on(Track& track, const Instant& at, std::vector<PresenceChange>& changes) {
  Visit& visit = *track.visit;
  if (visit.stay) leave_zone(visit, visit.stay->last_convincing, changes);
  const ZoneIndex zone = visit.last_zone.value();
  VisitStarted started{.zone = zone};
  started.evidence = StartEvidence::gateway;
  changes.emplace_back(started);
  enter_zone(visit, zone, at, changes, visit.confidence);
}

bool Presence::empty(const Track& track) {
  return !track.visit && std::ranges::none_of(track.levels, [](const auto& level) { return level.has_value(); });
}

}  // namespace beacon_gateway
