// The configuration directory -> Settings, or all that is wrong with it in one go.
// Reads `gateway.toml`, `campaigns.d/*.toml` in the order of their names and `calibration.toml` if there is one; writes
// nothing. Thread: any; an outcome is always returned, nothing is thrown for what a file holds.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/fault.hpp"
#include "settings/settings.hpp"

namespace beacon_gateway {

struct SettingsResult {
  std::optional<Settings> settings;  // absent if any fault is an error
  std::vector<Fault> faults;         // by file as read, then by place
};

[[nodiscard]] SettingsResult read_settings(const std::filesystem::path& directory);

// The same as if there were no calibration.toml: for the command that makes a new one, when zones or scanners have
// changed.
[[nodiscard]] SettingsResult read_settings_without_calibration(const std::filesystem::path& directory);

// A file of the configuration as bytes; `name` relative to the directory, with slashes: "campaigns.d/welcome.toml".
struct ConfigurationFile {
  std::string name;
  std::string bytes;
};

// The same from memory; `files` in any order. Relative paths in the settings start at `directory`, and faults name it;
// nothing is read from it. (The system's time zones are.)
[[nodiscard]] SettingsResult read_settings(std::vector<ConfigurationFile> files,
                                           const std::filesystem::path& directory);

struct CampaignsResult {
  std::optional<std::vector<Campaign>> campaigns;  // in the order of JourneyRules; absent if any fault is an error
  std::vector<Fault> faults;                       // by place
};

// Campaigns that come as one text like a file of campaigns.d, for the zones and attributes of `settings`. Faults call
// the text `name`.
[[nodiscard]] CampaignsResult read_campaigns(std::string_view toml, const std::string& name, const Settings& settings);

}  // namespace beacon_gateway
