// Placeholders in a campaign's texts, as core/journey/message.hpp fills them in: {store_name}, {recommendation.title}
// and the attributes that [privacy] allows, each also as {name|fallback}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/problem.hpp"

namespace beacon_gateway {

struct TextFaults {
  std::vector<Problem> errors;
  std::vector<Problem> warnings;  // a placeholder that may be empty and has no fallback
};

// `attributes`: null where they are not known; then any attribute is good.
[[nodiscard]] TextFaults check_placeholders(std::string_view text, const std::vector<std::string>* attributes);

}  // namespace beacon_gateway
