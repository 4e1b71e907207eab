#include "core/journey/message.hpp"

#include <algorithm>
#include <optional>

namespace beacon_gateway {
namespace {

constexpr std::size_t kMostRecommendations = 3;

struct Filling {
  const JourneyRules& rules;
  const Profile& profile;
  std::string_view language;
  const std::vector<RecommendedItem>& recommendations;
};

std::string value_of(std::string_view name, const Filling& filling) {
  if (name == "store_name") return std::string{text_in(filling.rules.store_name, filling.language)};
  if (name == "recommendation.title")
    return filling.recommendations.empty() ? std::string{} : filling.recommendations.front().title;
  if (std::ranges::find(filling.rules.attributes, name) == filling.rules.attributes.end()) return {};
  const auto found = filling.profile.attributes.find(std::string{name});
  return found == filling.profile.attributes.end() ? std::string{} : found->second;
}

// Appends, but never a second space, nor one at the start: an empty placeholder leaves no hole.
void append(std::string& text, std::string_view more) {
  if (!more.empty() && more.front() == ' ' && (text.empty() || text.back() == ' ')) more.remove_prefix(1);
  text += more;
}

std::string fill(std::string_view pattern, const Filling& filling) {
  std::string result;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    append(result, pattern.substr(0, open));
    if (open == std::string_view::npos) break;
    const std::size_t close = pattern.find('}', open);
    if (close == std::string_view::npos) {  // the settings refuse this
      append(result, pattern.substr(open));
      break;
    }
    const std::string_view inside = pattern.substr(open + 1, close - open - 1);
    const std::size_t bar = inside.find('|');
    std::string value = value_of(inside.substr(0, bar), filling);
    if (value.empty() && bar != std::string_view::npos) value = inside.substr(bar + 1);
    append(result, value);
    pattern.remove_prefix(close + 1);
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

}  // namespace

std::string language_of(const Variant& variant, const Profile& profile) {
  for (const std::string_view wanted : {std::string_view{profile.language}, std::string_view{"en"}})
    for (const auto& [tag, text] : variant.title)
      if (tag == wanted) return tag;
  return variant.title.empty() ? std::string{"en"} : variant.title.front().first;
}

std::vector<RecommendedItem> best_recommendations(const Profile& profile, std::string_view language) {
  std::vector<const Recommendation*> order;
  for (const Recommendation& one : profile.recommendations) order.push_back(&one);
  std::ranges::sort(order, [](const Recommendation* a, const Recommendation* b) {
    return a->score != b->score ? a->score > b->score : a->sku < b->sku;
  });
  std::vector<RecommendedItem> result;
  for (const Recommendation* one : order) {
    if (result.size() == kMostRecommendations) break;
    result.push_back({one->sku, std::string{text_in(one->title, language)}});
  }
  return result;
}

Message compose(const Variant& variant, const JourneyRules& rules, const Profile& profile, std::string_view language) {
  const std::vector<RecommendedItem> recommendations = best_recommendations(profile, language);
  const Filling filling{rules, profile, language, recommendations};
  return {fill(text_in(variant.title, language), filling), fill(text_in(variant.body, language), filling),
          variant.link};
}

}  // namespace beacon_gateway
