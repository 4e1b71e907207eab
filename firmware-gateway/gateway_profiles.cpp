// The other way through the gateway: profiles come and go, and what is open or waits follows at once.

#include <algorithm>
#include <set>

#include <spdlog/spdlog.h>

#include "gateway.hpp"

namespace beacon_gateway {

ImportReport Gateway::import(const std::vector<Profile>& profiles, bool replace) {
  ImportReport report;
  std::vector<ShopperId> gone;
  std::vector<TakenProfile> taken;
  profiles_.transact([&] {
    taken = put(profiles, report);
    if (!replace) return;
    std::set<ShopperId> named;
    for (const Profile& profile : profiles) named.insert(profile.shopper_id);
    profiles_.for_each([&](const StoredProfile& stored) {
      if (!named.contains(stored.profile.shopper_id)) gone.push_back(stored.profile.shopper_id);
    });
  });
  take_over(taken);
  if (!gone.empty()) erase(gone, std::nullopt);
  hear_word(now_.wall);  // what is imported by hand came from the retailer, too
  report.without_consent = static_cast<int>(std::ranges::count_if(
      taken, [&](const TakenProfile& one) { return !any_live_consent(one.stored.profile, now_.wall); }));
  report.removed = static_cast<int>(gone.size());
  return report;
}

// Inside a transaction of the profile store.
std::vector<Gateway::TakenProfile> Gateway::put(const std::vector<Profile>& profiles, ImportReport& report) {
  std::vector<TakenProfile> taken;
  for (const Profile& profile : profiles) {
    const auto version = profiles_.version(profile.shopper_id);
    if (version && *version >= profile.version) {
      ++report.unchanged;
      continue;
    }
    if (!may_be_held(profile)) {
      ++report.erased_before;
      continue;
    }
    auto held = version ? profiles_.find(profile.shopper_id) : std::nullopt;
    auto identity = held ? profiles_.identity(held->number) : std::nullopt;
    const ShopperNumber number = profiles_.put(profile);
    taken.push_back(
        {{number, profile}, held ? std::optional{std::move(held->profile)} : std::nullopt, std::move(identity)});
  }
  report.taken = static_cast<int>(taken.size());
  return taken;
}

// What was put is known to the radio from here on.
void Gateway::take_over(const std::vector<TakenProfile>& taken) {
  for (const TakenProfile& one : taken) {
    if (one.identity_before) recogniser_.remove(*one.identity_before);
    recogniser_.add(profiles_.identity(one.stored.number).value(), now_.wall);
    take_over(one.stored, one.before ? &*one.before : nullptr);
  }
}

// Takes the consents of persons of whom a profile came that cannot be read: it may have taken one back. The next one
// that can be read makes it good.
void Gateway::suspend(const std::vector<ShopperId>& shoppers) {
  for (const ShopperId& shopper : shoppers) {
    auto stored = profiles_.find(shopper);
    if (!stored || stored->profile.consents.empty()) continue;
    const Profile before = stored->profile;
    stored->profile.consents.clear();
    (void)profiles_.put(stored->profile);
    take_over(*stored, &before);
  }
}

// Who was erased stays away until she agrees to something anew: a copy of the old profile must not bring her back.
bool Gateway::may_be_held(const Profile& profile) {
  const auto tombstone = profiles_.tombstone(profile.shopper_id);
  if (!tombstone) return true;
  const bool agreed_since = std::ranges::any_of(
      profile.consents, [&](const Consent& consent) { return consent.granted_at > tombstone->erased_at; });
  return agreed_since && profile.version > tombstone->version;
}

// A changed profile meets what is open and what waits: withdrawn consent stops both at once.
void Gateway::take_over(const StoredProfile& stored, const Profile* before) {
  std::vector<Purpose> lost;
  for (std::size_t i = 0; before != nullptr && i < kPurposeCount; ++i)
    if (const auto purpose = static_cast<Purpose>(i);
        consents_to(*before, purpose, now_.wall) && !consents_to(stored.profile, purpose, now_.wall))
      lost.push_back(purpose);
  if (!lost.empty())
    journey_.transact([&] {
      for (const Purpose purpose : lost) journey_.withdraw(stored.profile.shopper_id, purpose);
    });
  const auto found = followed_.find(stored.number);
  if (found == followed_.end()) return;
  found->second.profile = stored.profile;
  if (stored.profile.staff || !any_live_consent(stored.profile, now_.wall)) forget(stored.number);
}

bool Gateway::erase(const ShopperId& shopper) {
  if (!profiles_.version(shopper)) return false;  // perhaps a mistyped name: no tombstone for whoever bears it
  erase(std::span{&shopper, 1}, now_.wall);
  return true;
}

void Gateway::withdraw(const ShopperId& shopper) {
  erase(std::span{&shopper, 1}, now_.wall);
}

// The profile goes first, with the pseudonym noted until the journey has forgotten it too: whatever stops us in between
// is finished at the next start.
void Gateway::erase(std::span<const ShopperId> shoppers, std::optional<WallTime> tombstone_at) {
  std::set<ShopperNumber> seen;
  for (const ShopperId& shopper : shoppers) {
    const auto stored = profiles_.find(shopper);
    if (!stored) continue;
    forget(stored->number);
    // A name may be given twice.
    if (!seen.insert(stored->number).second) continue;
    if (const auto identity = profiles_.identity(stored->number)) recogniser_.remove(*identity);
  }
  profiles_.transact([&] { profiles_.erase(shoppers, tombstone_at); });
  finish_erasures();
}

// Whatever stops us between the two stores, the next start does the same once more: so receipts bear the time of the
// erasure, not of its end, and with it the same id, and nothing newer is recorded before the profiles are through.
void Gateway::finish_erasures() {
  const std::vector<UnfinishedErasure> unfinished = profiles_.unfinished_erasures();
  if (unfinished.empty()) return;
  std::vector<ShopperId> shoppers;
  WallTime at = journey_.newest_event_time();
  for (const UnfinishedErasure& one : unfinished) {
    shoppers.push_back(one.shopper_id);
    at = std::max(at, one.tombstone_at.value_or(at));
  }
  journey_.transact([&] {
    journey_.erase(shoppers);
    for (const UnfinishedErasure& one : unfinished) {
      if (!one.tombstone_at || one.staff) continue;  // staff yield no events
      Event receipt = make_erasure_event(settings_.name, one.shopper_id, one.version, at);
      receipt.test = one.test;
      record(receipt);
      counters_.add(Count::erasures);
    }
  });
  journey_.scrub();
  profiles_.finish_erasures();
  journey_.transact([&] { make_room(now_); });
}

HoldingReport Gateway::holding() const {
  return {recogniser_.size(),   recogniser_.contested(),
          recogniser_.irks(),   recogniser_.irks_refused(),
          recogniser_.memory(), word_,
          lease_over()};
}

}  // namespace beacon_gateway
