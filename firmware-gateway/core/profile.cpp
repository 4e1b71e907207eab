#include "core/profile.hpp"

#include <algorithm>

namespace beacon_gateway {
namespace {

constexpr std::array<std::string_view, kPurposeCount> kPurposeNames{"presence", "welcome", "promotion", "survey",
                                                                    "assist"};

}  // namespace

std::string_view name(Purpose purpose) noexcept {
  return kPurposeNames[static_cast<std::size_t>(purpose)];
}

std::optional<Purpose> purpose_from(std::string_view text) noexcept {
  const auto* found = std::ranges::find(kPurposeNames, text);
  if (found == kPurposeNames.end()) return std::nullopt;
  return static_cast<Purpose>(found - kPurposeNames.begin());
}

std::string_view text_in(const LocalizedText& texts, std::string_view language) {
  for (const std::string_view wanted : {language, std::string_view{"en"}})
    for (const auto& [tag, text] : texts)
      if (tag == wanted) return text;
  return texts.empty() ? std::string_view{} : std::string_view{texts.front().second};
}

bool consents_to(const Profile& profile, Purpose purpose, WallTime now) {
  return std::ranges::any_of(profile.consents,
                             [&](const Consent& consent) { return consent.purpose == purpose && consent.live(now); });
}

bool any_live_consent(const Profile& profile, WallTime now) {
  return std::ranges::any_of(profile.consents, [&](const Consent& consent) { return consent.live(now); });
}

}  // namespace beacon_gateway
