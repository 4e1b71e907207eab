#include "tests/simulation/orchestrator.hpp"

#include <algorithm>

namespace beacon_gateway_test {

using namespace beacon_gateway;  // NOLINT(google-build-using-namespace): a test's vocabulary

namespace {

bool live(const Consent& consent, WallTime at) {
  return consent.granted_at <= at && (!consent.expires_at || at < *consent.expires_at);
}

}  // namespace

Orchestrator::Orchestrator(std::uint64_t seed, std::vector<Profile> known)
    : dice_(seed, DiceFor::orchestrator), first_known_(std::move(known)), messages_(1) {
  for (const Profile& profile : first_known_) versions_[profile.shopper_id].push_back({0, profile, true});
}

std::vector<ShopperId> Orchestrator::shoppers() const {
  std::vector<ShopperId> result;
  for (const auto& [shopper, versions] : versions_) result.push_back(shopper);
  return result;
}

const Profile* Orchestrator::profile(const ShopperId& shopper, std::int64_t revision) const {
  const auto found = versions_.find(shopper);
  if (found == versions_.end()) return nullptr;
  const Profile* result = nullptr;
  for (const Version& version : found->second)
    if (version.revision <= revision) result = version.profile ? &*version.profile : nullptr;
  return result;
}

bool Orchestrator::consents(const ShopperId& shopper, Purpose purpose, WallTime at, std::int64_t revision) const {
  const Profile* known = profile(shopper, revision);
  return known != nullptr && !known->staff && std::ranges::any_of(known->consents, [&](const Consent& consent) {
           return consent.purpose == purpose && live(consent, at);
         });
}

Downlink Orchestrator::change(WallTime when) {
  const WallTime now = std::chrono::floor<std::chrono::milliseconds>(when);  // the wire knows no finer
  const Profile& chosen =
      first_known_[static_cast<std::size_t>(dice_.between(0, static_cast<int>(first_known_.size()) - 1))];
  const ShopperId shopper = chosen.shopper_id;
  const Version& held = newest(shopper);
  const std::int64_t next = revision() + 1;
  ProfilesMessage message{.revision = next};
  Version version{next, std::nullopt, true};
  const int what = dice_.between(1, 10);
  if (held.profile && what <= 4) {  // has withdrawn: to be erased
    message.withdrawals = {shopper};
  } else if (held.profile && what == 5) {  // a profile that nobody can read
    message.unreadable = {shopper};
    message.faults = {"simulated"};
    version.profile = held.profile;
    version.profile->consents.clear();
    version.readable = false;
  } else {  // agrees to this and that, from now on or still
    version.profile = chosen;
    version.profile->version = ++newest_version_;
    version.profile->consents.clear();
    for (std::size_t i = 0; i < kPurposeCount; ++i) {
      if (dice_.percent(30)) continue;
      const auto expires =
          dice_.percent(20) ? std::optional{now + std::chrono::minutes{dice_.between(0, 180)}} : std::nullopt;
      version.profile->consents.push_back({static_cast<Purpose>(i), now, expires, "v2", "app"});
    }
    message.upserts = {*version.profile};
  }
  versions_.at(shopper).push_back(std::move(version));
  messages_.push_back({message, now});
  return sealed(std::move(message), now);
}

Downlink Orchestrator::sealed(ProfilesMessage content, WallTime now) {
  return {DownlinkTopic::gateway_profiles, SignedClaims{"key", ++newest_signed_, now}, std::move(content), 100};
}

std::vector<Downlink> Orchestrator::answer(std::int64_t have, WallTime now) {
  if (have >= revision()) return {sealed({.revision = revision()}, now)};
  if (dice_.percent(50)) return full_set(now);
  std::vector<Downlink> result;
  for (std::int64_t next = have + 1; next <= revision(); ++next) {
    const Said& said = messages_[static_cast<std::size_t>(next)];
    result.push_back(sealed(said.content, said.at));
  }
  return result;
}

std::vector<Downlink> Orchestrator::full_set(WallTime now) {
  // A revision is always cut in the same way: its parts may come from more than one answer.
  Dice cut{static_cast<std::uint64_t>(revision()), DiceFor::orchestrator};
  const int parts = cut.between(1, 3);
  std::vector<ProfilesMessage> set(static_cast<std::size_t>(parts));
  for (int i = 0; i < parts; ++i) {
    ProfilesMessage& message = set[static_cast<std::size_t>(i)];
    message.revision = revision();
    message.full = true;
    message.part = i + 1;
    message.parts = parts;
  }
  for (const auto& [shopper, versions] : versions_) {
    const Version& held = versions.back();
    if (!held.profile) continue;
    ProfilesMessage& message = set[static_cast<std::size_t>(cut.between(0, parts - 1))];
    if (held.readable)
      message.upserts.push_back(*held.profile);
    else
      message.unreadable.push_back(shopper);
  }
  std::vector<Downlink> result;
  for (ProfilesMessage& message : set) result.push_back(sealed(std::move(message), now));
  return result;
}

}  // namespace beacon_gateway_test
