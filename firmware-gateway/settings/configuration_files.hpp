// The files of a configuration directory, read as bytes. Private to this folder.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "settings/read_settings.hpp"

namespace beacon_gateway {

inline constexpr std::string_view kGatewayFile = "gateway.toml";
inline constexpr std::string_view kCalibrationFile = "calibration.toml";

struct LoadedFiles {
  std::vector<ConfigurationFile> files;
  std::vector<Fault> faults;  // files that cannot be read, are far too large, or are left out
};

[[nodiscard]] LoadedFiles load_configuration(const std::filesystem::path& directory);

[[nodiscard]] Fault missing_gateway_file(const std::filesystem::path& directory);

}  // namespace beacon_gateway
