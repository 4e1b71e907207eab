// Bounds a text of brackets before a JSON parser sees it: some of nlohmann's functions recurse, and its ordered objects
// take the square of their members in time.
#pragma once

#include <array>
#include <string_view>

namespace beacon_gateway {

// A profile inside a message goes 8 deep and has 10 fields; the rest is room for what is yet to come and is ignored.
inline constexpr std::size_t kDeepestJson = 32;
inline constexpr int kMostJsonMembers = 256;  // of one object

// Looks at what stands outside of strings only: the text may still be no JSON.
[[nodiscard]] constexpr bool within_bounds(std::string_view json) {
  std::array<int, kDeepestJson + 1> members{};  // by depth
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char one = json[i];
    if (one == '"') in_string = !in_string;
    if (in_string) {
      if (one == '\\') ++i;  // what it escapes ends no string
      continue;
    }
    if (one == '[' || one == '{') {
      if (++depth > kDeepestJson) return false;
      members[depth] = 0;
    } else if (one == ']' || one == '}') {
      if (depth-- == 0) return false;
    } else if (one == ':' && ++members[depth] > kMostJsonMembers) {
      return false;
    }
  }
  return true;
}

}  // namespace beacon_gateway
