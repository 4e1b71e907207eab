// The tables of `gateway.toml` and `campaigns.d/*.toml`, one function each: reads the table into Settings and reports
// its faults (contract 3.2). Private to this folder.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "settings/settings.hpp"
#include "settings/table_reader.hpp"

namespace beacon_gateway {

// Ids that must be unique over all files.
using SeenIds = std::map<std::string, std::string>;  // id -> where it was first given

// Which parts of gateway.toml are free of faults: only references to those are judged, so that one mistake is reported
// once.
struct Known {
  bool zones = false;
  bool scanners = false;
  bool attributes = false;
};

// All of gateway.toml, and what its tables demand of each other.
[[nodiscard]] Known read_gateway_file(TableReader root, const std::filesystem::path& directory, Settings& settings);

void read_gateway(TableReader table, const std::filesystem::path& directory, Settings& settings);
void read_visit(TableReader table, Settings& settings);
void read_identity(TableReader table, IdentitySettings& identity);
void read_privacy(TableReader table, PrivacySettings& privacy);
void read_beacons(std::vector<TableReader> tables, const std::filesystem::path& directory,
                  std::vector<BeaconSettings>& beacons);
void read_radio(TableReader table, RadioSettings& radio);

void read_zones(std::vector<TableReader> tables, Shop& shop);
void read_scanners(std::vector<TableReader> tables, const std::filesystem::path& directory, Settings& settings);

// `broker` and `downlink` may be absent; they are judged together.
void read_link(std::optional<TableReader> broker, std::optional<TableReader> downlink,
               const std::filesystem::path& directory, Settings& settings);
// `sources`: null where the scanners have faults; what depends on them is then not judged.
void read_store(TableReader table, const std::filesystem::path& directory, const std::vector<ScannerSource>* sources,
                StoreSettings& store);

void read_journey(TableReader table, JourneyRules& journey);
[[nodiscard]] OpeningHours read_opening_hours(TableReader table);

// One [[campaign]], which may refer to the zones and attributes of `settings` as far as they are `known`.
void read_campaign(TableReader table, const Settings& settings, Known known, SeenIds& seen,
                   std::vector<Campaign>& campaigns);
// `attributes`: those that texts may use; null where they are not known.
[[nodiscard]] std::vector<Variant> read_variants(std::vector<TableReader> tables,
                                                 const std::vector<std::string>* attributes);

// The zone called `id`, or nothing.
[[nodiscard]] std::optional<ZoneIndex> zone_called(const std::vector<Zone>& zones, std::string_view id);
// "did you mean" or the list of all zones.
[[nodiscard]] Problem unknown_zone(const std::vector<Zone>& zones, std::string_view id);

}  // namespace beacon_gateway
