// Profiles as JSON lines, as `profiles import` and `replay --profiles` take them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/profile.hpp"

namespace beacon_gateway {

struct ProfileFile {
  std::vector<Profile> profiles;
  std::vector<std::string> faults;  // "FILE:LINE: error: text"; one bad line and nothing should be taken
};

// One profile a line; empty lines are passed over. A shopper named twice is a fault.
[[nodiscard]] ProfileFile read_profile_lines(std::string_view text, const std::string& file_name,
                                             const std::vector<std::string>& kept_attributes);

}  // namespace beacon_gateway
