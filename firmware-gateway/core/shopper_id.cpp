#include "core/shopper_id.hpp"

#include <algorithm>

#include "core/masked.hpp"

namespace beacon_gateway {
namespace {

constexpr std::size_t kShownOfId = 4;  // a shop's running number, or 16 bits of a random pseudonym

// Not std::isalnum: the alphabet must not depend on the locale.
bool allowed(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::optional<ShopperId> ShopperId::parse(std::string_view text) {
  if (text.empty() || text.size() > kMaxLength || !std::ranges::all_of(text, allowed)) return std::nullopt;
  return ShopperId{std::string{text}};
}

std::string ShopperId::masked() const {
  return masked_tail(value_, kShownOfId);
}

}  // namespace beacon_gateway
