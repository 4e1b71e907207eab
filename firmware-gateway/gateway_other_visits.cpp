// Gateways of one shop share their visits: whoever starts one tells it, the others adopt it. One visit, one welcome.
//
// Each visit is kept by one gateway, which tells its end. Who adopts it tells zones and triggers of it, but neither a
// start nor an end, and gives no welcome. If the keeper loses a shopper whom an adopter still hears, the adopter keeps
// the visit on: it tells a visit.started of the same visit that `continues` it. If two gateways start at once, or could
// not hear each other, the older visit stays and the other gateway ends its own and adopts that one.

#include <algorithm>

#include "gateway.hpp"

namespace beacon_gateway {
namespace {

VisitState adopted_state(const OtherVisit& other, Assurance heard_as, std::optional<WallTime> suspect_until) {
  VisitState state;
  state.visit_id = other.visit_id;
  state.assurance = heard_as;
  state.told = true;  // by the other gateway
  // Ids of what we shall tell of the visit must not be those of what was told by others.
  state.ordinals = {{kStartedOrdinal, other.continues + 1}, {kEndedOrdinal, other.continues}};
  state.suspect_until = suspect_until;
  state.kept_by = other.gateway;
  state.adopted = true;
  return state;
}

// The same answer at both gateways: the older visit stays, or, of the same instant, that of the lower id.
bool theirs_is_older(const OtherVisit& other, const Visit& ours, const std::string& our_id) {
  const auto our_start = std::chrono::floor<std::chrono::milliseconds>(ours.started.wall);
  return std::pair{WallTime{other.at}, other.visit_id} < std::pair{WallTime{our_start}, our_id};
}

}  // namespace

void Gateway::take_other(const OtherVisit& other) {
  counters_.add(other.what == OtherVisit::What::started ? other_started(other) : other_ended(other));
}

Count Gateway::other_started(const OtherVisit& other) {
  // Older than that, it may have ended meanwhile: a visit lasts `ends_after` at least.
  const Duration age = now_.wall - other.at;
  const bool timely =
      now_.quality == TimeQuality::trusted && age <= settings_.shop.visit.ends_after && age >= -kClocksDiffer;
  if (!timely || other.replayed) return Count::others_stale;
  const auto stored = profiles_.find(other.shopper_id);
  if (!stored || stored->profile.staff) return Count::others_unknown_shopper;
  if (lease_over() || !consents_to(stored->profile, Purpose::presence, now_.wall)) return Count::others_no_consent;
  const Instant started = later(now_, -std::max(age, Duration{}));

  if (!visit_open(stored->number)) {
    adopt(stored->number, other, started);
    return Count::others_adopted;
  }
  Follower& follower = followed_.at(stored->number);
  VisitState& ours = follower.visit;
  if (ours.visit_id == other.visit_id) {
    const bool theirs = !ours.kept_by.empty() || other.gateway < settings_.name.id;
    if (theirs && ours.kept_by != other.gateway) {
      ours.kept_by = other.gateway;
      ours.adopted = true;
      int& started_ordinal = ours.ordinals[kStartedOrdinal];
      started_ordinal = std::max(started_ordinal, other.continues + 1);
      follower.track.visit->held_elsewhere = true;
      unsaved_.insert(stored->number);
      save();
    }
    return Count::others_repeated;
  }
  if (!theirs_is_older(other, *follower.track.visit, ours.visit_id)) return Count::others_younger;
  yield(stored->number, other, started);
  return Count::others_yielded_to;
}

void Gateway::adopt(ShopperNumber shopper, const OtherVisit& other, const Instant& started) {
  Follower& follower = follow(shopper);
  follower.track.start_sightings.clear();
  follower.track.visit = Visit{started, started, std::nullopt, {}, std::nullopt};
  follower.track.visit->held_elsewhere = true;
  follower.visit = adopted_state(other, follower.heard_as, follower.visit.suspect_until);
  unsaved_.insert(shopper);
  save();
  wait_for_silence(shopper, follower);
}

// Ends our own visit, without what campaigns would make of an end, and goes on with theirs. A welcome of ours that has
// not left yet stays here; one that has bears the same dedupe_key as theirs.
void Gateway::yield(ShopperNumber shopper, const OtherVisit& other, const Instant& started) {
  Follower& follower = followed_.at(shopper);
  const Instant heard = follower.track.visit->last_convincing;
  journey_.transact([&] {
    if (follower.visit.kept_by.empty()) {
      changes_.clear();
      Presence::end_visit(follower.track, changes_);
      tell_presence(follower, now_);
      journey_.withdraw(follower.profile.shopper_id, Purpose::welcome);
    }
    follower.track.visit =
        Visit{started, heard.monotonic > started.monotonic ? heard : started, std::nullopt, {}, std::nullopt};
    follower.track.visit->held_elsewhere = true;
    follower.visit = adopted_state(other, follower.heard_as, follower.visit.suspect_until);
    unsaved_.insert(shopper);
    make_room(now_);
    save_tracks();
  });
  wait_for_silence(shopper, follower);
}

Count Gateway::other_ended(const OtherVisit& other) {
  const auto stored = profiles_.find(other.shopper_id);
  if (!stored || !visit_open(stored->number)) return Count::others_unknown_shopper;
  Follower& follower = followed_.at(stored->number);
  if (follower.visit.visit_id != other.visit_id || follower.visit.kept_by != other.gateway)
    return Count::others_repeated;
  Visit& visit = *follower.track.visit;
  ++follower.visit.ordinals[kEndedOrdinal];
  const bool heard_here = visit.last_convincing.monotonic > visit.started.monotonic && (visit.stay || visit.last_zone);
  const bool still_here =
      heard_here && later(visit.last_convincing, settings_.shop.visit.ends_after).monotonic > now_.monotonic;
  if (still_here) {
    keep_on(stored->number);
    return Count::others_taken_over;
  }
  drop_visit(stored->number);
  return Count::others_ended;
}

// The keeper lost her, and we have not: from here on the visit is ours to end.
void Gateway::keep_on(ShopperNumber shopper) {
  Follower& follower = followed_.at(shopper);
  follower.visit.kept_by.clear();
  follower.track.visit->held_elsewhere = false;
  changes_.clear();
  Presence::keep_on(follower.track, now_, changes_);
  journey_.transact([&] {
    tell_presence(follower, now_);
    unsaved_.insert(shopper);
    make_room(now_);
    save_tracks();
  });
  wait_for_silence(shopper, follower);
}

void Gateway::drop_visit(ShopperNumber shopper) {
  Follower& follower = followed_.at(shopper);
  follower.track.visit.reset();
  follower.visit = {};
  if (Presence::empty(follower.track)) {
    dropped_.push_back(follower.profile.shopper_id);
    unsaved_.erase(shopper);
    followed_.erase(shopper);
  } else {
    unsaved_.insert(shopper);
    wait_for_silence(shopper, follower);
  }
  save();
}

}  // namespace beacon_gateway
