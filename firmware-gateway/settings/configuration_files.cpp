#include "settings/configuration_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace beacon_gateway {
namespace {

constexpr std::string_view kCampaignsFolder = "campaigns.d";
constexpr std::string_view kEnding = ".toml";
constexpr std::uintmax_t kMostBytes = 1024UL * 1024;  // a thousand campaigns; what is larger is another kind of file
constexpr Position kWholeFile{0, 0};

Fault whole_file(Severity severity, const std::filesystem::path& path, std::string text, std::string hint = {}) {
  return {severity, path.string(), kWholeFile, std::move(text), std::move(hint), ""};
}

void load(const std::filesystem::path& directory, const std::string& name, LoadedFiles& into) {
  const std::filesystem::path path = directory / name;
  std::error_code unreadable;
  const std::uintmax_t size = std::filesystem::file_size(path, unreadable);
  if (!unreadable && size > kMostBytes) {
    into.faults.push_back(whole_file(Severity::error, path, "the file has more than 1 MiB", "is it a configuration?"));
    return;
  }
  errno = 0;
  std::ifstream stream{path, std::ios::binary};
  std::string bytes(static_cast<std::size_t>(unreadable ? 0 : size), '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (unreadable || !stream) {
    const std::string why = unreadable ? unreadable.message() : std::strerror(errno);
    into.faults.push_back(whole_file(Severity::error, path, "cannot be read: " + why));
    return;
  }
  into.files.push_back({name, std::move(bytes)});
}

// Names in campaigns.d, sorted, so that the order on the disk says nothing.
std::vector<std::string> campaign_files(const std::filesystem::path& directory, LoadedFiles& into) {
  std::vector<std::string> names;
  const std::filesystem::path folder = directory / kCampaignsFolder;
  std::error_code fault;
  for (std::filesystem::directory_iterator it{folder, fault}, end; !fault && it != end; it.increment(fault)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with('.')) continue;  // editors' own
    if (name.ends_with(kEnding)) {
      names.push_back(std::string{kCampaignsFolder} + '/' + name);
    } else {
      into.faults.push_back(whole_file(Severity::warning, it->path(), "left out: only *.toml is read here"));
    }
  }
  if (fault && fault != std::errc::no_such_file_or_directory)
    into.faults.push_back(whole_file(Severity::error, folder, "cannot be read: " + fault.message()));
  std::ranges::sort(names);
  std::ranges::sort(into.faults, {}, &Fault::file);
  return names;
}

}  // namespace

Fault missing_gateway_file(const std::filesystem::path& directory) {
  return whole_file(Severity::error, directory / kGatewayFile, "there is no such file",
                    "--config DIR names the directory that holds gateway.toml");
}

LoadedFiles load_configuration(const std::filesystem::path& directory) {
  LoadedFiles loaded;
  std::error_code ignored;  // a file that exists and cannot be asked about fails in `load`, with its reason
  if (!std::filesystem::exists(directory / kGatewayFile, ignored) && !ignored) {
    loaded.faults.push_back(missing_gateway_file(directory));
  } else {
    load(directory, std::string{kGatewayFile}, loaded);
  }
  for (const std::string& name : campaign_files(directory, loaded)) load(directory, name, loaded);
  if (std::filesystem::exists(directory / kCalibrationFile, ignored))
    load(directory, std::string{kCalibrationFile}, loaded);
  return loaded;
}

}  // namespace beacon_gateway
