#include "settings/template_text.hpp"

#include <algorithm>

#include "settings/nearest.hpp"

namespace beacon_gateway {
namespace {

constexpr std::string_view kStoreName = "store_name";
constexpr std::string_view kRecommendation = "recommendation.title";

void check_one(std::string_view inside, const std::vector<std::string>* attributes, TextFaults& faults) {
  const std::size_t bar = inside.find('|');
  const std::string_view name = inside.substr(0, bar);
  const std::string_view fallback = bar == std::string_view::npos ? std::string_view{} : inside.substr(bar + 1);
  std::vector<std::string_view> known{kStoreName, kRecommendation};
  if (attributes != nullptr) known.insert(known.end(), attributes->begin(), attributes->end());
  const std::string shown = "{" + std::string{name} + "}";
  if (std::ranges::find(known, name) == known.end()) {
    if (attributes == nullptr) return;
    const std::string hint = did_you_mean(name, known);
    faults.errors.push_back({"unknown placeholder " + shown,
                             hint.empty() ? "known are " + listed(known) + "; [privacy] attributes adds more" : hint});
  } else if (name != kStoreName && fallback.empty()) {
    faults.warnings.push_back(
        {shown + " is empty for some shoppers", "write {" + std::string{name} + "|something for them}"});
  }
}

}  // namespace

TextFaults check_placeholders(std::string_view text, const std::vector<std::string>* attributes) {
  constexpr std::string_view kHint = "a placeholder is {name} or {name|fallback}";
  TextFaults faults;
  for (std::size_t at = text.find_first_of("{}"); at != std::string_view::npos; at = text.find_first_of("{}")) {
    if (text[at] == '}') {
      faults.errors.push_back({"a } without its {", std::string{kHint}});
      text.remove_prefix(at + 1);
      continue;
    }
    text.remove_prefix(at + 1);
    const std::size_t close = text.find_first_of("{}");
    if (close == std::string_view::npos || text[close] == '{') {
      faults.errors.push_back({"a { is not closed", std::string{kHint}});
      continue;
    }
    check_one(text.substr(0, close), attributes, faults);
    text.remove_prefix(close + 1);
  }
  return faults;
}

}  // namespace beacon_gateway
