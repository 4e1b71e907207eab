// gateway.toml as a whole: its tables, and what they demand of each other.
#include <algorithm>

#include "settings/tables.hpp"

namespace beacon_gateway {
namespace {

// The tables that may be absent are read as empty ones, so that every default is set in one place.
TableReader table_or_empty(TableReader& root, std::string_view key) {
  static const TomlTable empty;
  const std::string name = "[" + std::string{key} + "]";
  const auto table = root.table(key, name);
  return table ? *table : TableReader{empty, root.at(), name, root.file()};
}

std::optional<TableReader> table_if_given(TableReader& root, std::string_view key) {
  return root.table(key, "[" + std::string{key} + "]");
}

}  // namespace

Known read_gateway_file(TableReader root, const std::filesystem::path& directory, Settings& settings) {
  Known known;
  SourceFile& file = root.file();
  // Whether `read` found no error: what depends on it may be judged.
  const auto good = [&file](auto read) {
    const std::size_t before = file.errors();
    read();
    return file.errors() == before;
  };

  if (const auto gateway = table_if_given(root, "gateway")) read_gateway(*gateway, directory, settings);
  const bool zones_good = good([&] { read_zones(root.tables("zone"), settings.shop); });
  known.scanners = good([&] { read_scanners(root.tables("scanner"), directory, settings); });
  read_beacons(root.tables("beacon"), directory, settings.beacons);
  read_radio(table_or_empty(root, "radio"), settings.radio);
  read_visit(table_or_empty(root, "visit"), settings);
  read_identity(table_or_empty(root, "identity"), settings.identity);
  read_link(table_if_given(root, "broker"), table_if_given(root, "downlink"), directory, settings);
  read_store(table_or_empty(root, "store"), directory, known.scanners ? &settings.sources : nullptr, settings.store);
  known.attributes = good([&] { read_privacy(table_or_empty(root, "privacy"), settings.privacy); });
  settings.journey.attributes = settings.privacy.attributes;
  read_journey(table_or_empty(root, "journey"), settings.journey);
  root.finish({"gateway", "scanner", "zone"});

  const std::vector<Zone>& zones = settings.shop.zones;
  known.zones = !zones.empty() && std::ranges::none_of(zones, [](const Zone& zone) { return zone.id.empty(); });
  if (zones_good && !zones.empty() && std::ranges::none_of(zones, &Zone::entrance))
    file.error(root.at("zone"), "no zone is an entrance", "visits start at one: write entrance = true in its [[zone]]");
  return known;
}

}  // namespace beacon_gateway
