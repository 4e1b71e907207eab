#include "settings/read_settings.hpp"

#include <algorithm>
#include <utility>

#include "core/digest.hpp"
#include "settings/calibration_settings.hpp"
#include "settings/configuration_files.hpp"
#include "settings/source_file.hpp"
#include "settings/tables.hpp"
#include "settings/toml_document.hpp"

namespace beacon_gateway {
namespace {

constexpr std::size_t kHashDigits = 16;  // settings.hpp

enum class FileKind : std::uint8_t { gateway, campaigns, calibration };

FileKind kind_of(const ConfigurationFile& file) {
  if (file.name == kGatewayFile) return FileKind::gateway;
  return file.name == kCalibrationFile ? FileKind::calibration : FileKind::campaigns;
}

std::string hash_of(const std::vector<ConfigurationFile>& files) {
  std::string all;
  for (const ConfigurationFile& file : files)
    all += file.name + '\0' + std::to_string(file.bytes.size()) + '\0' + file.bytes;
  return digest_hex({all}).substr(0, kHashDigits);
}

void sort(std::vector<Campaign>& campaigns) {
  std::ranges::sort(campaigns, [](const Campaign& a, const Campaign& b) {
    return a.priority != b.priority ? a.priority > b.priority : a.id < b.id;
  });
}

void read_campaign_tables(TableReader& root, const Settings& settings, Known known, SeenIds& seen,
                          std::vector<Campaign>& campaigns) {
  for (TableReader& campaign : root.tables("campaign")) read_campaign(campaign, settings, known, seen, campaigns);
  root.finish();
}

// One file after the other into one Settings; what the later ones may refer to is known from the first.
class Reading {
 public:
  explicit Reading(const std::filesystem::path& directory) : directory_{directory} {}

  void read(const ConfigurationFile& one) {
    SourceFile file{(directory_ / one.name).string(), one.bytes};
    if (const auto document = parse_toml(file)) {
      TableReader root{std::get<TomlTable>(document->value), {}, "this file", file};
      read_tables(kind_of(one), root);
    }
    std::ranges::move(file.take_faults(), std::back_inserter(result_.faults));
  }

  void fault(Fault fault) { result_.faults.push_back(std::move(fault)); }

  SettingsResult finish(std::string hash) {
    if (any_error(result_.faults)) return std::move(result_);
    settings_.hash = std::move(hash);
    sort(settings_.journey.campaigns);
    result_.settings = std::move(settings_);
    return std::move(result_);
  }

 private:
  void read_tables(FileKind kind, TableReader& root) {
    switch (kind) {
      case FileKind::gateway:
        known_ = read_gateway_file(root, directory_, settings_);
        break;
      case FileKind::campaigns:
        read_campaign_tables(root, settings_, known_, campaign_ids_, settings_.journey.campaigns);
        break;
      case FileKind::calibration:
        if (known_.zones && known_.scanners) read_calibration(root, settings_.shop);
        break;
    }
  }

  const std::filesystem::path& directory_;
  Settings settings_;
  Known known_;
  SeenIds campaign_ids_;
  SettingsResult result_;
};

SettingsResult read_all(std::vector<ConfigurationFile> files, std::vector<Fault> faults,
                        const std::filesystem::path& directory) {
  std::ranges::sort(files, {}, [](const ConfigurationFile& file) { return std::pair{kind_of(file), file.name}; });
  Reading reading{directory};
  for (Fault& fault : faults) reading.fault(std::move(fault));
  for (const ConfigurationFile& file : files) reading.read(file);
  return reading.finish(hash_of(files));
}

}  // namespace

SettingsResult read_settings(const std::filesystem::path& directory) {
  LoadedFiles loaded = load_configuration(directory);
  return read_all(std::move(loaded.files), std::move(loaded.faults), directory);
}

SettingsResult read_settings_without_calibration(const std::filesystem::path& directory) {
  LoadedFiles loaded = load_configuration(directory);
  const std::string path = (directory / kCalibrationFile).string();
  std::erase_if(loaded.files, [](const ConfigurationFile& file) { return kind_of(file) == FileKind::calibration; });
  std::erase_if(loaded.faults, [&path](const Fault& fault) { return fault.file == path; });
  return read_all(std::move(loaded.files), std::move(loaded.faults), directory);
}

SettingsResult read_settings(std::vector<ConfigurationFile> files, const std::filesystem::path& directory) {
  std::vector<Fault> faults;
  if (std::ranges::find(files, kGatewayFile, &ConfigurationFile::name) == files.end())
    faults.push_back(missing_gateway_file(directory));
  return read_all(std::move(files), std::move(faults), directory);
}

CampaignsResult read_campaigns(std::string_view toml, const std::string& name, const Settings& settings) {
  SourceFile file{name, toml};
  std::vector<Campaign> campaigns;
  if (const auto document = parse_toml(file)) {
    TableReader root{std::get<TomlTable>(document->value), {}, "this text", file};
    SeenIds seen;
    read_campaign_tables(root, settings, {.zones = true, .scanners = true, .attributes = true}, seen, campaigns);
  }
  CampaignsResult result{std::nullopt, file.take_faults()};
  if (any_error(result.faults)) return result;
  sort(campaigns);
  result.campaigns = std::move(campaigns);
  return result;
}

}  // namespace beacon_gateway
