// The other way through the gateway: profiles come and go, and what is open or waits follows at once.

#include <algorithm>
#include <set>

#include "gateway.hpp"

namespace beacon_gateway {

ImportReport Gateway::import(const std::vector<Profile>& profiles, bool replace) {
  ImportReport report;
  std::vector<ShopperId> gone;
  std::vector<std::pair<StoredProfile, std::optional<Profile>>> taken;  // new, and what was held before
  profiles_.transact([&] {
    std::set<ShopperId> named;
    for (const Profile& profile : profiles) {
      named.insert(profile.shopper_id);
      auto held = profiles_.find(profile.shopper_id);
      if (held && held->profile.version >= profile.version) {
        ++report.unchanged;
        continue;
      }
      const ShopperNumber number = profiles_.put(profile);
      taken.push_back({{number, profile}, held ? std::optional{std::move(held->profile)} : std::nullopt});
    }
    if (!replace) return;
    profiles_.for_each([&](const StoredProfile& stored) {
      if (!named.contains(stored.profile.shopper_id)) gone.push_back(stored.profile.shopper_id);
    });
  });
  for (const auto& [stored, before] : taken) {
    if (before) index_.remove(stored.number, *before);
    index_.add(stored.number, stored.profile);
    take_over(stored);
  }
  for (const ShopperId& shopper : gone) (void)erase(shopper);
  report.without_consent = static_cast<int>(
      std::ranges::count_if(taken, [&](const auto& one) { return !any_live_consent(one.first.profile, now_.wall); }));
  report.taken = static_cast<int>(taken.size());
  report.removed = static_cast<int>(gone.size());
  return report;
}

// A changed profile meets what is open and what waits: withdrawn consent stops both at once.
void Gateway::take_over(const StoredProfile& stored) {
  journey_.transact([&] {
    for (std::size_t i = 0; i < kPurposeCount; ++i)
      if (const auto purpose = static_cast<Purpose>(i); !consents_to(stored.profile, purpose, now_.wall))
        journey_.withdraw(stored.profile.shopper_id, purpose);
  });
  const auto found = followed_.find(stored.number);
  if (found == followed_.end()) return;
  found->second.profile = stored.profile;
  if (stored.profile.staff || !any_live_consent(stored.profile, now_.wall)) forget(stored.number);
}

bool Gateway::erase(const ShopperId& shopper) {
  const auto stored = profiles_.find(shopper);
  if (stored) {
    forget(stored->number);
    index_.remove(stored->number, stored->profile);
    profiles_.erase(shopper);
  }
  journey_.erase(shopper);
  return stored.has_value();
}

}  // namespace beacon_gateway
