#include "settings/nearest.hpp"

#include <algorithm>
#include <cstddef>

namespace beacon_gateway {
namespace {

constexpr std::size_t kMostEdits = 3;
constexpr std::size_t kLettersPerEdit = 3;
constexpr std::size_t kLongestName = 64;  // no name of ours is longer; bounds the work on hostile input

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) current[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(previous);
    previous.swap(current);
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = previous[j - 1] + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
  }
  return current[b.size()];
}

std::string_view nearest(std::string_view wrong, const std::vector<std::string_view>& names) {
  if (wrong.size() > kLongestName) return {};
  std::string_view best;
  std::size_t fewest = std::min(kMostEdits, std::max<std::size_t>(1, wrong.size() / kLettersPerEdit)) + 1;
  for (const std::string_view name : names) {
    const std::size_t edits = edit_distance(wrong, name);
    if (edits < fewest) {
      fewest = edits;
      best = name;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view wrong, const std::vector<std::string_view>& names) {
  const std::string_view near = nearest(wrong, names);
  return near.empty() ? std::string{} : "did you mean `" + std::string{near} + "`?";
}

std::string listed(const std::vector<std::string_view>& names) {
  std::string result;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) result += i + 1 == names.size() ? " and " : ", ";
    result += '`' + std::string{names[i]} + '`';
  }
  return result;
}

}  // namespace beacon_gateway
