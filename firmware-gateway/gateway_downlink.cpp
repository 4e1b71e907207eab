// What the orchestrator says, taken in: withdrawals first, revisions without a gap, a full set only when it is whole.

#include <spdlog/spdlog.h>

#include "gateway.hpp"

namespace beacon_gateway {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

Count count_of(DownlinkRefusal why) {
  static_assert(static_cast<int>(Count::downlink_overflow) - static_cast<int>(Count::downlink_too_large) ==
                static_cast<int>(DownlinkRefusal::overflow) - static_cast<int>(DownlinkRefusal::too_large));
  return static_cast<Count>(static_cast<int>(Count::downlink_too_large) + static_cast<int>(why));
}

}  // namespace

void Gateway::take(const Downlink& message) {
  if (message.claims) {
    const int topic = static_cast<int>(message.topic);
    if (message.claims->sequence <= profiles_.newest_signed(topic)) return counters_.add(Count::downlink_repeated);
    profiles_.save_newest_signed(topic, message.claims->sequence);
  }
  std::visit(Overloaded{[&](DownlinkRefusal why) {
                          counters_.add(count_of(why));
                          spdlog::warn("orchestrator: a message was refused: {}", name(why));
                          // What was not taken in for want of room has to come again.
                          if (why == DownlinkRefusal::overflow) sync_wanted_ = true;
                        },
                        [&](const ProfilesMessage& profiles) {
                          counters_.add(Count::downlink_messages);
                          hear_word();
                          take_profiles(profiles);
                        }},
             message.content);
}

void Gateway::hear_word() {
  word_.heard_at = now_.wall;
  profiles_.save_word(word_);
}

bool Gateway::lease_over() const {
  // A capture's clock has nothing to do with when the orchestrator was last heard.
  return clock_ == ClockSource::machine && word_.heard_at &&
         now_.wall - *word_.heard_at > settings_.privacy.consent_lease;
}

void Gateway::take_profiles(const ProfilesMessage& message) {
  for (const std::string& fault : message.faults) {
    counters_.add(Count::profiles_refused);
    spdlog::warn("orchestrator: a profile of revision {} was left out: {}", message.revision, fault);
  }
  if (message.revision < word_.revision || (!message.full && message.revision == word_.revision))
    return counters_.add(Count::downlink_repeated);
  if (!message.withdrawals.empty()) {
    counters_.add(Count::withdrawals, message.withdrawals.size());
    erase(message.withdrawals, now_.wall);
  }
  if (message.full) return take_full_set(message);
  if (message.revision > word_.revision + 1) {
    counters_.add(Count::downlink_gaps);
    spdlog::warn("orchestrator: profiles of revision {} came, but only {} is held: asking for what is missing",
                 message.revision, word_.revision);
    sync_wanted_ = true;
    return;
  }
  const ImportReport report = import(message.upserts, false);
  counters_.add(Count::profiles_taken, static_cast<std::uint64_t>(report.taken));
  counters_.add(Count::profiles_refused, static_cast<std::uint64_t>(report.erased_before));
  word_.revision = message.revision;
  profiles_.save_word(word_);
}

void Gateway::take_full_set(const ProfilesMessage& message) {
  std::vector<Profile> accepted;
  for (const Profile& profile : message.upserts)
    if (may_be_held(profile)) accepted.push_back(profile);
  counters_.add(Count::profiles_refused, message.upserts.size() - accepted.size());
  if (!profiles_.stage({message.revision, message.part, message.parts}, accepted)) return;
  const FullSetOutcome outcome = profiles_.use_staged();
  counters_.add(Count::profiles_taken, outcome.changed.size());
  finish_erasures();
  read_identities();
  std::vector<std::pair<ShopperNumber, ShopperId>> open;
  for (const auto& [number, follower] : followed_) open.emplace_back(number, follower.profile.shopper_id);
  for (const auto& [number, shopper] : open) {
    const auto stored = profiles_.find(shopper);
    if (!stored) {
      forget(number);
      continue;
    }
    const Profile before = followed_.at(number).profile;
    take_over(*stored, &before);
  }
  word_.revision = message.revision;
  profiles_.save_word(word_);
  spdlog::info("orchestrator: full set of revision {} is in force: {} changed, {} removed, {} unchanged",
               message.revision, outcome.changed.size(), outcome.removed, outcome.unchanged);
}

}  // namespace beacon_gateway
