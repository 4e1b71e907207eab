// What the orchestrator says, taken in: withdrawals first, revisions without a gap, a full set only when it is whole.

#include <spdlog/spdlog.h>

#include <algorithm>

#include "gateway.hpp"

namespace beacon_gateway {
namespace {

Count count_of(DownlinkRefusal why) {
  static_assert(static_cast<int>(Count::downlink_overflow) - static_cast<int>(Count::downlink_too_large) ==
                static_cast<int>(DownlinkRefusal::overflow) - static_cast<int>(DownlinkRefusal::too_large));
  return static_cast<Count>(static_cast<int>(Count::downlink_too_large) + static_cast<int>(why));
}

}  // namespace

bool Gateway::take(const Downlink& message) {
  if (const auto* why = std::get_if<DownlinkRefusal>(&message.content)) {
    refuse(*why);
    return false;
  }
  if (const auto* other = std::get_if<OtherVisit>(&message.content)) {  // no word of the orchestrator's
    take_other(*other);
    return true;
  }
  // What is not signed vouches for no sequence number and no time.
  const bool is_signed = message.claims && !message.claims->key_id.empty();
  // Of receipts a repeat is as true as the first: what was processed once stays processed.
  const bool receipts = std::holds_alternative<ReceiptsMessage>(message.content);
  const int topic = static_cast<int>(message.topic);
  if (is_signed && !receipts && message.claims->sequence <= profiles_.newest_signed(topic)) {
    counters_.add(Count::downlink_repeated);
    return false;
  }
  counters_.add(Count::downlink_messages);
  // A word counts from when it was said: one that lay in the broker for a day is a day old.
  const WallTime said_at = is_signed ? std::min(message.claims->issued_at, now_.wall) : now_.wall;
  if (receipts) {
    hear_word_seldom(said_at);
    return true;
  }
  hear_word(said_at);
  if (const auto* profiles = std::get_if<ProfilesMessage>(&message.content)) take_profiles(*profiles, said_at);
  if (const auto* report = std::get_if<PresenceReport>(&message.content)) take_report(*report);
  // Last: if the process dies over a message, it is no repeat when the broker sends it again. Taking one twice is
  // harmless.
  if (!std::holds_alternative<CampaignSet>(message.content)) dealt_with(message);
  return true;
}

void Gateway::dealt_with(const Downlink& message) {
  if (message.claims && !message.claims->key_id.empty())
    profiles_.save_newest_signed(static_cast<int>(message.topic), message.claims->sequence);
}

void Gateway::refuse(DownlinkRefusal why) {
  constexpr Duration kTellEvery = std::chrono::minutes{1};
  counters_.add(count_of(why));
  if (why == DownlinkRefusal::overflow) sync_wanted_ = true;  // it has to come again
  std::optional<MonotonicTime>& told_at = refusal_told_at_[static_cast<std::size_t>(why)];
  if (told_at && now_.monotonic - *told_at < kTellEvery) return;
  told_at = now_.monotonic;
  spdlog::warn("orchestrator: a message was refused: {}; more of these are only counted for a minute", name(why));
}

void Gateway::hear_word(WallTime at) {
  word_.heard_at = std::max(word_.heard_at.value_or(at), at);
  heard_on_untrusted_clock_ = now_.quality == TimeQuality::untrusted;
  profiles_.save_word(word_);
}

// Receipts come with every event: the disk is spared, and a minute of a lease of a day is nothing.
void Gateway::hear_word_seldom(WallTime at) {
  constexpr Duration kAtMostEvery = std::chrono::minutes{1};
  if (!word_.heard_at || at - *word_.heard_at >= kAtMostEvery) hear_word(at);
}

// The clock was set: what was heard on the wrong one was heard just now, and nothing was heard in the future.
void Gateway::mend_word() {
  if (!word_.heard_at || (!heard_on_untrusted_clock_ && *word_.heard_at <= now_.wall)) return;
  word_.heard_at = now_.wall;
  heard_on_untrusted_clock_ = false;
  profiles_.save_word(word_);
}

bool Gateway::lease_over() const {
  // A capture's clock has nothing to do with when the orchestrator was last heard.
  return clock_ == ClockSource::machine && word_.heard_at &&
         now_.wall - *word_.heard_at > settings_.privacy.consent_lease;
}

void Gateway::take_profiles(const ProfilesMessage& message, WallTime said_at) {
  constexpr std::size_t kMostFaultsTold = 3;
  counters_.add(Count::profiles_refused, message.faults.size());
  for (std::size_t i = 0; i < std::min(message.faults.size(), kMostFaultsTold); ++i)
    spdlog::warn("orchestrator: of revision {} something was left out ({} in all): {}", message.revision,
                 message.faults.size(), message.faults[i]);
  // Withdrawals count whatever their revision says: who wants to go must not wait for a gap to be closed.
  if (!message.withdrawals.empty()) {
    counters_.add(Count::withdrawals, message.withdrawals.size());
    erase(message.withdrawals, said_at);
  }
  suspend(message.unreadable);
  if (message.revision < word_.revision) {
    counters_.add(Count::downlink_repeated);
    spdlog::warn("orchestrator: profiles of revision {} came, but {} is held: left aside, except for withdrawals",
                 message.revision, word_.revision);
    sync_wanted_ = true;
    return;
  }
  if (message.full) return take_full_set(message);
  if (message.revision == word_.revision && message.revision != 0) return counters_.add(Count::downlink_repeated);
  if (message.revision > word_.revision + 1) {
    counters_.add(Count::downlink_gaps);
    spdlog::warn("orchestrator: profiles of revision {} came, but only {} is held: asking for what is missing",
                 message.revision, word_.revision);
    sync_wanted_ = true;
    return;
  }
  ImportReport report;
  std::vector<TakenProfile> taken;
  profiles_.transact([&] {
    taken = put(message.upserts, report);
    word_.revision = message.revision;
    profiles_.save_word(word_);
  });
  take_over(taken);
  counters_.add(Count::profiles_taken, static_cast<std::uint64_t>(report.taken));
  counters_.add(Count::profiles_refused, static_cast<std::uint64_t>(report.erased_before));
}

void Gateway::take_full_set(const ProfilesMessage& message) {
  std::vector<Profile> accepted;
  for (const Profile& profile : message.upserts)
    if (may_be_held(profile)) accepted.push_back(profile);
  counters_.add(Count::profiles_refused, message.upserts.size() - accepted.size());
  if (!profiles_.stage({message.revision, message.part, message.parts}, accepted, message.unreadable)) return;
  const FullSetOutcome outcome = profiles_.use_staged();
  counters_.add(Count::profiles_taken, outcome.changed.size());
  drop_followers_not_held();
  finish_erasures();
  read_identities();
  std::vector<Profile> followed;
  for (const auto& [number, follower] : followed_) followed.push_back(follower.profile);
  for (const Profile& before : followed)
    if (const auto stored = profiles_.find(before.shopper_id); stored && stored->profile.version != before.version)
      take_over(*stored, &before);
  word_.revision = message.revision;
  profiles_.save_word(word_);
  spdlog::info("orchestrator: full set of revision {} is in force: {} changed, {} removed, {} unchanged",
               message.revision, outcome.changed.size(), outcome.removed, outcome.unchanged);
}

// Without writing anything: what the journey holds of them goes with the erasures that are not finished yet.
void Gateway::drop_followers_not_held() {
  std::erase_if(followed_, [&](const auto& one) {
    if (profiles_.version(one.second.profile.shopper_id)) return false;
    if (one.second.track.visit) counters_.add(Count::visits_forgotten);
    unsaved_.erase(one.first);
    return true;
  });
}

}  // namespace beacon_gateway
