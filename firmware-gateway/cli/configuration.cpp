#include "cli/configuration.hpp"

#include <algorithm>
#include <ostream>

#include "settings/read_settings.hpp"

namespace beacon_gateway {

std::optional<Settings> usable_settings(const std::filesystem::path& directory, std::ostream& err) {
  SettingsResult result = read_settings(directory);
  if (result.settings) return std::move(result.settings);
  for (const Fault& fault : result.faults)
    if (fault.severity == Severity::error) err << rendered(fault);
  return std::nullopt;
}

void make_store_directory(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
}

std::filesystem::path profiles_file(const std::filesystem::path& directory) {
  return directory / "profiles.db";
}

std::filesystem::path journey_file(const std::filesystem::path& directory) {
  return directory / "journey.db";
}

bool all_captures(const Settings& settings) {
  return std::ranges::all_of(settings.sources,
                             [](const ScannerSource& source) { return source.driver == ScannerDriver::capture; });
}

}  // namespace beacon_gateway
