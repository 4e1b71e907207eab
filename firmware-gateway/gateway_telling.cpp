// What the gateway tells of a change of presence: events, and what the campaigns make of them.

#include <algorithm>
#include <cmath>

#include "gateway.hpp"

namespace beacon_gateway {
namespace {

// How long decisions are kept for `explain` (contract 3.5).
constexpr Duration kDecisionsKept = std::chrono::hours{24};

// More than one gateway tells of one kind in one visit before it hands it over.
constexpr int kOrdinalsAStretch = 1000;

}  // namespace

// Events first, in the order of contract 3.3, then what the campaigns make of them: all or nothing.
void Gateway::tell(Follower& follower, const Instant& at) {
  if (!follower.visit.kept_by.empty()) {  // another gateway tells the end, if it has not fallen silent itself
    std::erase_if(changes_, [](const PresenceChange& change) { return std::holds_alternative<VisitEnded>(change); });
    if (!follower.track.visit && changes_.empty()) follower.visit = {};
  }
  if (changes_.empty()) return;
  const bool only_dwelled = std::ranges::all_of(
      changes_, [](const PresenceChange& change) { return std::holds_alternative<ZoneDwelled>(change); });
  if (only_dwelled && !any_due(settings_.journey, occasions(follower, at))) return;
  journey_.transact([&] {
    tell_presence(follower, at);
    tell_decisions(follower, at, occasions(follower, at));
    if (!follower.track.visit) follower.visit = {};
    make_room(at);
    save_tracks();
    if (at.quality == TimeQuality::trusted)  // a wrong year must not cost the caps of this one: a second welcome
      journey_.forget_before(at.wall - longest_cap(settings_.journey), at.wall - kDecisionsKept);
  });
}

std::vector<Occasion> Gateway::occasions(const Follower& follower, const Instant& at) const {
  std::vector<Occasion> result;
  for (const PresenceChange& change : changes_) {
    Occasion occasion;
    occasion.at = at;
    occasion.visit_id = follower.visit.visit_id;
    occasion.assurance = follower.visit.assurance;
    occasion.paused = paused_;
    occasion.adopted = follower.visit.adopted;
    occasion.suspect = follower.visit.suspect_until && at.wall < *follower.visit.suspect_until;
    if (const auto* started = std::get_if<VisitStarted>(&change)) {
      occasion.moment = CampaignMoment::visit_started;
      occasion.zone = started->zone;
    } else if (const auto* entered = std::get_if<ZoneEntered>(&change)) {
      occasion.moment = CampaignMoment::zone_entered;
      occasion.zone = entered->zone;
    } else if (const auto* dwelled = std::get_if<ZoneDwelled>(&change)) {
      occasion.moment = CampaignMoment::zone_dwelled;
      occasion.zone = dwelled->zone;
      occasion.dwell_from = dwelled->from;
      occasion.dwell_to = dwelled->to;
    } else if (const auto* ended = std::get_if<VisitEnded>(&change)) {
      occasion.moment = CampaignMoment::visit_ended;
      occasion.zone = ended->zone;
    } else {
      continue;
    }
    result.push_back(std::move(occasion));
  }
  return result;
}

void Gateway::begin_visit(Follower& follower, bool told) {
  counters_.add(Count::visits_started);
  VisitState state;
  state.visit_id = make_visit_id(settings_.name, follower.profile.shopper_id, follower.track.visit->started.wall);
  state.assurance = follower.heard_as;
  state.told = told;
  state.suspect_until = follower.visit.suspect_until;
  follower.visit = std::move(state);
}

void Gateway::tell_presence(Follower& follower, const Instant& at) {
  const auto zone_id = [&](ZoneIndex zone) { return settings_.shop.zones[zone].id; };
  const bool may_tell = consents_to(follower.profile, Purpose::presence, at.wall);
  if (!may_tell) follower.visit.told = false;  // nor is the rest, should she agree again: a visit is not told in pieces
  for (const PresenceChange& change : changes_) {
    EventData data;
    if (const auto* started = std::get_if<VisitStarted>(&change)) {
      if (started->evidence != StartEvidence::gateway) begin_visit(follower, may_tell);
      data = VisitStartedEvent{zone_id(started->zone),   static_cast<int>(std::lround(started->level_dbm)),
                               follower.visit.assurance, started->sightings,
                               started->scanners,        started->confidence,
                               started->evidence,        follower.visit.ordinals[kStartedOrdinal]};
    } else if (const auto* entered = std::get_if<ZoneEntered>(&change)) {
      data = ZoneEnteredEvent{zone_id(entered->zone), entered->confidence};
    } else if (const auto* left = std::get_if<ZoneLeft>(&change)) {
      data = ZoneLeftEvent{zone_id(left->zone), left->dwell, left->confidence};
    } else if (const auto* ended = std::get_if<VisitEnded>(&change)) {
      counters_.add(Count::visits_ended);
      VisitEndedEvent event{ended->started.wall, ended->left.wall, {}, ended->confidence};
      for (const auto& [zone, dwell] : ended->dwell) event.zones.emplace_back(zone_id(zone), dwell);
      data = std::move(event);
    } else {
      continue;
    }
    if (may_tell && follower.visit.told) emit(follower, at, std::move(data));
  }
}

void Gateway::tell_decisions(Follower& follower, const Instant& at, const std::vector<Occasion>& moments) {
  if (!any_due(settings_.journey, moments)) return;
  const ShopperId& shopper = follower.profile.shopper_id;
  const bool may_tell_presence = follower.visit.told && consents_to(follower.profile, Purpose::presence, at.wall);
  std::vector<CapRecord> history = journey_.history(shopper);
  const std::size_t before = history.size();
  for (Decision& decision : decide(settings_.journey, follower.profile, moments, history)) {
    const Campaign& campaign = *decision.campaign;
    std::optional<std::string> zone;
    if (decision.zone && may_tell_presence) zone = settings_.shop.zones[*decision.zone].id;
    journey_.note(shopper, {at.wall, follower.visit.visit_id, campaign.id,
                            decision.trigger ? "trigger" : std::string{name(Outcome::suppressed)},
                            decision.suppressed ? std::string{name(*decision.suppressed)} : std::string{}});
    if (decision.trigger) {
      counters_.add(Count::triggers);
      const std::string dedupe_key = make_dedupe_key(settings_.name, shopper, campaign.id, *decision.trigger);
      emit(follower, at,
           TriggerEvent{campaign.id, campaign.kind, std::move(zone), std::move(*decision.trigger),
                        follower.visit.assurance, at.quality, dedupe_key});
    } else {
      counters_.add(Count::suppressed);
      const bool told = settings_.journey.report_suppressed || decision.suppressed == Suppression::holdout;
      if (told && may_tell_presence)
        emit(follower, at, DecisionEvent{campaign.id, Outcome::suppressed, *decision.suppressed, std::move(zone)});
    }
  }
  for (std::size_t i = before; i < history.size(); ++i) journey_.remember(shopper, history[i]);
}

void Gateway::emit(Follower& follower, const Instant& at, EventData data) {
  Event event{{},
              follower.profile.shopper_id,
              std::max(journey_.newest_event_time(), at.wall),
              follower.visit.visit_id,
              std::move(data),
              follower.profile.test};
  std::string counted{event_type(event.data)};
  counted.append("/").append(ordinal_key(event.data));
  auto& ordinals = follower.visit.ordinals;
  const auto [ordinal, is_first] = ordinals.try_emplace(counted, 0);
  // A visit that comes back to us has had events of ours before: their ordinals are not remembered.
  if (is_first && follower.visit.adopted) ordinal->second = (ordinals[kStartedOrdinal] - 1) * kOrdinalsAStretch;
  event.id = make_event_id(settings_.name, event, ordinal->second++);
  record(event);
}

}  // namespace beacon_gateway
