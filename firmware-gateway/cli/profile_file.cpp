#include "cli/profile_file.hpp"

#include <fmt/format.h>

#include <map>

#include "messages/profile_json.hpp"

namespace beacon_gateway {

ProfileFile read_profile_lines(std::string_view text, const std::string& file_name,
                               const std::vector<std::string>& kept_attributes) {
  ProfileFile file;
  std::map<ShopperId, std::size_t> first_line;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto profile = profile_from_json(one, kept_attributes);
    if (!profile) {
      file.faults.push_back(fmt::format("{}:{}: error: {}", file_name, line, profile.error().text));
      continue;
    }
    if (const auto [known, fresh] = first_line.emplace(profile->shopper_id, line); !fresh) {
      file.faults.push_back(fmt::format("{}:{}: error: shopper_id: {} stands in line {} already", file_name, line,
                                        profile->shopper_id.value(), known->second));
      continue;
    }
    file.profiles.push_back(std::move(*profile));
  }
  return file;
}

}  // namespace beacon_gateway
