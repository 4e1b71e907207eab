// A whole file as text, for the commands that are given one.
#pragma once

#include <filesystem>
#include <string>

#include <tl/expected.hpp>

namespace beacon_gateway {

// The fault is one line: "FILE: error: cannot be read: why".
[[nodiscard]] tl::expected<std::string, std::string> text_of_file(const std::filesystem::path& path);

}  // namespace beacon_gateway
