#include "gateway.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include <spdlog/spdlog.h>

#include "core/presence/two_places.hpp"

namespace beacon_gateway {
namespace {

// How long a shopper whose identity was heard in two places gets no message: whoever copied it may still be there.
constexpr Duration kSuspicionLasts = std::chrono::minutes{10};
// Tombstones (contract 3.5): longer than any copy of the profile that may still be on its way.
constexpr Duration kTombstonesKept = std::chrono::days{90};

IdentityRules identity_rules(const Settings& settings) {
  return {settings.identity.ibeacon_uuids, settings.identity.token_service_uuids, settings.identity.most_irks};
}

}  // namespace

Gateway::Gateway(Settings settings, ProfileStore& profiles, JourneyStore& journey, Counters& counters,
                 ClockSource clock, const Key128& secret)
    : settings_(std::move(settings)),
      profiles_(profiles),
      journey_(journey),
      counters_(counters),
      clock_(clock),
      recogniser_(identity_rules(settings_), secret),
      presence_(settings_.shop) {}

Gateway::~Gateway() = default;

void Gateway::start(Instant now) {
  now_ = now;
  if (clock_ == ClockSource::capture) {
    resume_after_ = journey_.position();
    if (resume_after_) {
      position_ = *resume_after_;
      now_ = capture_instant(position_.at);
    }
  }
  word_ = profiles_.word();
  finish_erasures();                               // a crash may have come between the two stores
  if (clock_ == ClockSource::machine) pass_day();  // a capture's day is not known yet
  read_identities();
  restore_tracks();
}

void Gateway::start_over() {
  followed_.clear();
  deadlines_ = {};
  changes_.clear();
  unsaved_.clear();
  dropped_.clear();
  start(now_);
}

void Gateway::read_identities() {
  recogniser_.clear();
  profiles_.for_each_identity([&](const Identity& identity) { recogniser_.add(identity, now_.wall); });
  recogniser_.shrink_to_fit();
}

void Gateway::restore_tracks() {
  for (SavedTrack& saved : journey_.tracks(now_)) {
    auto stored = profiles_.find(saved.shopper_id);
    if (!stored || Presence::empty(saved.track)) {  // an empty one waits for nothing and would stay for ever
      dropped_.push_back(saved.shopper_id);
      continue;
    }
    Follower follower{std::move(stored->profile), std::move(saved.track), std::move(saved.visit)};
    Follower& placed = followed_.insert_or_assign(stored->number, std::move(follower)).first->second;
    wait_for_silence(stored->number, placed);
  }
}

// The whole way of an advertisement: radio -> decode -> identify -> presence -> journey -> outbox.
void Gateway::hear(const Advertisement& advertisement) {
  counters_.add(Count::advertisements);
  presence_.note_alive(advertisement.scanner, advertisement.instant);
  if (seen_before(advertisement.instant)) return counters_.add(Count::dropped_already_seen);
  pass_time(advertisement.instant);
  position_ = advertisement.instant.wall == position_.at ? CapturePosition{position_.at, position_.count + 1}
                                                         : CapturePosition{advertisement.instant.wall, 1};

  const std::optional<Recognition> recognition = recognise(advertisement);
  if (!recognition) return;
  const ShopperNumber shopper = recognition->shopper;
  Follower& follower = follow(shopper);
  if (!any_live_consent(follower.profile, now_.wall)) {
    counters_.add(Count::dropped_no_live_consent);
    return forget(shopper);
  }
  counters_.add(Count::sightings);
  changes_.clear();
  presence_.observe(follower.track, advertisement.scanner, *advertisement.rssi_dbm, now_, changes_);
  judge_identity(follower, *recognition, advertisement.scanner);
  unsaved_.insert(shopper);
  tell(follower, now_);
  wait_for_silence(shopper, follower);
}

// True for what the store had dealt with before a restart: the capture is read again from its beginning.
bool Gateway::seen_before(const Instant& at) {
  if (!resume_after_) return false;
  if (at.wall < resume_after_->at) return true;
  if (at.wall == resume_after_->at && resume_after_->count > 0) {
    --resume_after_->count;
    return true;
  }
  resume_after_.reset();
  return false;
}

std::optional<Recognition> Gateway::recognise(const Advertisement& advertisement) {
  const auto drop = [&](Count why) {
    counters_.add(why);
    return std::nullopt;
  };
  if (!advertisement.rssi_dbm) return drop(Count::dropped_no_rssi);
  if (lease_over()) return drop(Count::dropped_lease_over);
  const Recognition recognition = recogniser_.recognise(advertisement);
  if (recogniser_.has_learnt()) keep_learnt();
  switch (recognition.found) {
    case Recognition::Found::match:
      return recognition;
    case Recognition::Found::staff:
      return drop(Count::dropped_staff);
    case Recognition::Found::contested:
      return drop(Count::dropped_contested);
    case Recognition::Found::unknown:
      return drop(Count::dropped_unknown);
    case Recognition::Found::malformed:
      return drop(Count::dropped_malformed);
    case Recognition::Found::no_beacon:
      break;
  }
  return drop(Count::dropped_no_beacon);
}

Whose Gateway::whose(Advertisement advertisement) {
  advertisement.instant = now_;  // that of another process may lie before ours
  const Recognition recognition = recogniser_.recognise(advertisement);
  if (recognition.found == Recognition::Found::staff) return Whose::staff;
  if (recognition.found != Recognition::Found::match) return Whose::stranger;
  const auto stored = profiles_.find(recognition.shopper);
  if (!stored) return Whose::stranger;
  if (stored->profile.test) return Whose::test_tag;
  return !lease_over() && any_live_consent(stored->profile, now_.wall) ? Whose::shopper : Whose::stranger;
}

// How far the identity that was heard can be believed.
void Gateway::judge_identity(Follower& follower, const Recognition& recognition, ScannerIndex scanner) {
  follower.heard_as = recognition.assurance;
  if (recognition.assurance == Assurance::rotating) follower.visit.assurance = Assurance::rotating;
  if (!in_two_places(follower.track, settings_.shop, scanner, now_)) return;
  const bool known = follower.visit.suspect_until && now_.wall < *follower.visit.suspect_until;
  follower.visit.suspect_until = now_.wall + kSuspicionLasts;
  if (known) return;
  counters_.add(Count::two_places_alarms);
  spdlog::warn("alarm: {} is heard in two places at once: has her identity been copied? No message to her for {} min",
               follower.profile.shopper_id.masked(), kSuspicionLasts / std::chrono::minutes{1});
}

void Gateway::keep_learnt() {
  for (const auto& [shopper, correction] : recogniser_.take_learnt()) profiles_.save_correction(shopper, correction);
}

Gateway::Follower& Gateway::follow(ShopperNumber shopper) {
  if (const auto found = followed_.find(shopper); found != followed_.end()) return found->second;
  auto stored = profiles_.find(shopper);
  assert(stored);  // the index names only what the store holds
  return followed_.emplace(shopper, Follower{std::move(stored->profile), {}, {}}).first->second;
}

// Ends everything about a shopper's presence, without an event: consent is gone.
void Gateway::forget(ShopperNumber shopper) {
  const auto found = followed_.find(shopper);
  if (found == followed_.end()) return;
  if (Presence::empty(found->second.track)) {  // never observed: nothing of it is saved, so no commit either
    followed_.erase(found);
    return;
  }
  if (found->second.track.visit) counters_.add(Count::visits_forgotten);
  dropped_.push_back(found->second.profile.shopper_id);
  followed_.erase(found);
  unsaved_.erase(shopper);
  journey_.transact([&] { save_tracks(); });
}

// The deadline that waits may be early, never late: most sightings only push the real one back, which is looked at when
// the early one passes. Only where the real one comes nearer (a zone is entered again) does another take its place.
void Gateway::wait_for_silence(ShopperNumber shopper, Follower& follower) {
  const auto next = presence_.next_deadline(follower.track);
  if (!next || (follower.deadline && *follower.deadline <= next->monotonic)) return;
  follower.deadline = next->monotonic;
  deadlines_.emplace(next->monotonic, shopper);
}

void Gateway::pass_time(const Instant& now) {
  while (!deadlines_.empty() && deadlines_.top().first <= now.monotonic) {
    const auto [due, shopper] = deadlines_.top();
    deadlines_.pop();
    const auto found = followed_.find(shopper);
    if (found == followed_.end() || found->second.deadline != due) continue;  // forgotten, or replaced
    Follower& follower = found->second;
    follower.deadline.reset();
    const auto next = presence_.next_deadline(follower.track);
    if (next && next->monotonic > due) {  // it waited early: another's may come before it
      wait_for_silence(shopper, follower);
      continue;
    }
    if (next) {
      Instant at = *next;
      // Met by a clock that was wrong, or may have been: the one that is set says when it was.
      if (at.quality == TimeQuality::untrusted) at.wall = now.wall - (now.monotonic - at.monotonic);
      if (now.quality == TimeQuality::untrusted) at.quality = now.quality;  // never better than when she was last heard
      if (!any_live_consent(follower.profile, at.wall)) {
        forget(shopper);
        continue;
      }
      changes_.clear();
      presence_.pass_deadline(follower.track, changes_);
      unsaved_.insert(shopper);
      tell(follower, at);
    }
    if (Presence::empty(follower.track)) {
      dropped_.push_back(follower.profile.shopper_id);
      unsaved_.erase(shopper);
      followed_.erase(found);
    } else {
      wait_for_silence(shopper, follower);
    }
  }
  const bool clock_set = now_.quality == TimeQuality::untrusted && now.quality == TimeQuality::trusted;
  now_ = now;
  if (clock_set) {
    mend_word();
    read_identities();  // what fell out of the windows of a wrong time
  }
  recogniser_.advance(now.wall);
  pass_day();
}

// What may be kept for days only goes as the day does.
void Gateway::pass_day() {
  if (now_.quality == TimeQuality::untrusted) return;  // a wrong year must not cost the keys of this one
  const auto today = std::chrono::floor<std::chrono::days>(now_.wall);
  if (today_ == today) return;
  today_ = today;
  profiles_.forget_before(today - std::chrono::days{1}, now_.wall - kTombstonesKept);
}

void Gateway::finish() {
  while (open_visits() > 0) {
    assert(!deadlines_.empty());
    if (deadlines_.empty()) {
      spdlog::error("bug: {} visits are open and wait for nothing: they end without an event; please report this",
                    open_visits());
      break;
    }
    const Duration ahead = deadlines_.top().first - now_.monotonic;
    pass_time(later(now_, std::max(ahead, Duration{})));
  }
}

void Gateway::save() {
  journey_.transact([&] { save_tracks(); });
}

bool Gateway::visit_open(ShopperNumber shopper) const {
  const auto found = followed_.find(shopper);
  return found != followed_.end() && found->second.track.visit;
}

std::size_t Gateway::open_visits() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(followed_, [](const auto& one) { return one.second.track.visit.has_value(); }));
}

// Whatever changed since the last commit goes with this one, so that a restart continues exactly from here.
void Gateway::save_tracks() {
  for (const ShopperId& gone : dropped_) journey_.drop_track(gone);
  dropped_.clear();
  for (const ShopperNumber shopper : unsaved_) {
    const Follower& follower = followed_.at(shopper);
    if (Presence::empty(follower.track))  // her visit ended with this very commit
      journey_.drop_track(follower.profile.shopper_id);
    else
      journey_.save({follower.profile.shopper_id, follower.track, follower.visit});
  }
  unsaved_.clear();
  // Before the first advertisement there is no position: another gateway's visit may be the first to be saved.
  if (clock_ == ClockSource::capture && position_.count > 0) journey_.save_position(position_);
}

void Gateway::reconfigure(Settings settings) {
  journey_.transact([&] {
    for (const auto& [shopper, follower] : followed_) unsaved_.insert(shopper);
    save_tracks();
  });
  followed_.clear();
  deadlines_ = {};
  settings_ = std::move(settings);
  presence_ = Presence{settings_.shop};
  recogniser_.set_rules(identity_rules(settings_));
  journey_.reconfigure(settings_.shop);
  restore_tracks();
}

}  // namespace beacon_gateway
