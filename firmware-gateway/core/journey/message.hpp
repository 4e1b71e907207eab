// The text of a trigger: variant texts in the shopper's language with their placeholders filled in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/journey/campaign.hpp"
#include "core/profile.hpp"

namespace beacon_gateway {

struct Message {
  std::string title;
  std::string body;
  std::string link;  // empty: none
  friend bool operator==(const Message&, const Message&) = default;
};

struct RecommendedItem {
  std::string sku;
  std::string title;
  friend bool operator==(const RecommendedItem&, const RecommendedItem&) = default;
};

// The language a variant speaks to this shopper: the profile's if the title has it, else "en", else the first given.
[[nodiscard]] std::string language_of(const Variant& variant, const Profile& profile);

// The best recommendations by score (then SKU), with their titles in `language`; at most three: a push shows no more.
[[nodiscard]] std::vector<RecommendedItem> best_recommendations(const Profile& profile, std::string_view language);

// Placeholders are `{name}` or `{name|fallback}`: `store_name`, `recommendation.title` (the best one's), or an
// attribute that the rules allow. What has no value and no fallback becomes nothing, and double spaces around it one: a
// message with a gap is better than a lost one, and `check` warns of it.
[[nodiscard]] Message compose(const Variant& variant, const JourneyRules& rules, const Profile& profile,
                              std::string_view language);

}  // namespace beacon_gateway
