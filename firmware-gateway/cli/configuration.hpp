// What every command does first: read the configuration, and say what is wrong with it.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "settings/settings.hpp"

namespace beacon_gateway {

// Nothing, after printing every error to `err`, if the configuration cannot be used.
[[nodiscard]] std::optional<Settings> usable_settings(const std::filesystem::path& directory, std::ostream& err);

// Makes the directory, readable by nobody else.
void make_store_directory(const std::filesystem::path& directory);

[[nodiscard]] std::filesystem::path profiles_file(const std::filesystem::path& store_directory);
[[nodiscard]] std::filesystem::path journey_file(const std::filesystem::path& store_directory);

// Whether advertisements bring their own time.
[[nodiscard]] bool all_captures(const Settings& settings);

}  // namespace beacon_gateway
