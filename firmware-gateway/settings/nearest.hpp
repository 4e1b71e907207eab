// "Did you mean …?": the name that a misspelt one most likely stands for.
// Optimal string alignment, the restricted Damerau-Levenshtein distance (Boytsov, "Indexing methods for approximate
// dictionary searching", 2011): insertions, deletions, replacements and swapped neighbours count one each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace beacon_gateway {

// In octets, capitals and small letters alike.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `names` to `wrong`, the first of equals; empty if none is near enough to be meant: at most three
// edits, and at most one in three letters, else every short name resembles every other.
[[nodiscard]] std::string_view nearest(std::string_view wrong, const std::vector<std::string_view>& names);

// "did you mean `NAME`?", or empty.
[[nodiscard]] std::string did_you_mean(std::string_view wrong, const std::vector<std::string_view>& names);

// "`a`, `b` and `c`"
[[nodiscard]] std::string listed(const std::vector<std::string_view>& names);

}  // namespace beacon_gateway
