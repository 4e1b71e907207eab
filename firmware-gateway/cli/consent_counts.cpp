#include "cli/consent_counts.hpp"

#include <sstream>

namespace beacon_gateway {

void ConsentCounts::add(const Profile& profile, WallTime now) {
  if (profile.staff) return;
  ++profiles;
  for (std::size_t i = 0; i < kPurposeCount; ++i)
    if (consents_to(profile, static_cast<Purpose>(i), now)) ++live[i];
}

std::string ConsentCounts::text() const {
  std::string text = std::to_string(profiles);
  for (const std::size_t count : live) text += ' ' + std::to_string(count);
  return text;
}

std::optional<ConsentCounts> ConsentCounts::from_text(std::string_view text) {
  std::istringstream numbers{std::string{text}};
  ConsentCounts counts;
  numbers >> counts.profiles;
  for (std::size_t& count : counts.live) numbers >> count;
  return numbers ? std::optional{counts} : std::nullopt;
}

}  // namespace beacon_gateway
