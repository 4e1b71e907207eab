// [[zone]], [[scanner]]
#include <algorithm>
#include <limits>

#include "settings/nearest.hpp"
#include "settings/tables.hpp"
#include "settings/values.hpp"

namespace beacon_gateway {
namespace {

constexpr std::size_t kMostZones = 256;  // far above any shop; keeps ZoneIndex safe

constexpr Range<double> kDbm{-120,
                             20};  // what a radio can report (Bluetooth Core 5.4, Vol 4 Part E, 7.7.65.2: -127..20)
constexpr Range<int> kOffsetDb{-40, 40};
constexpr Range<double> kSpeed{0, 1'000'000};

// An entrance is a little easier to enter than an inner zone: a welcome is due within seconds of crossing the door.
struct Levels {
  double enter_dbm;
  double exit_dbm;
};
constexpr Levels kEntrance{-72, -80};
constexpr Levels kInside{-75, -82};
constexpr double kHysteresisDb = 8;  // between enter and exit where only one is given: about one body in the way

constexpr Word<ScannerDriver> kDrivers[] = {{"bluez", ScannerDriver::bluez}, {"capture", ScannerDriver::capture}};

// Why there is no reader of the kernel's management socket: drivers/bluez/README.md.
Parsed<ScannerDriver> parse_driver(std::string_view text) {
  if (text == "mgmt")
    return problem("this gateway has no driver \"mgmt\"",
                   "write \"bluez\"; with the drop-in bluetooth.service.d/beacon-gateway-monitors.conf it hears every "
                   "packet too");
  return one_of(kDrivers)(text);
}

void read_levels(TableReader& table, Zone& zone) {
  const Levels levels = zone.entrance ? kEntrance : kInside;
  const bool enter = table.number("enter_dbm", kDbm, zone.enter_dbm);
  const bool exit = table.number("exit_dbm", kDbm, zone.exit_dbm);
  if (enter && exit && zone.exit_dbm > zone.enter_dbm)
    table.error("exit_dbm", " is above `enter_dbm`",
                "a shopper leaves at a weaker signal than she enters: about 8 dB below");
  if (!enter) zone.enter_dbm = exit ? zone.exit_dbm + kHysteresisDb : levels.enter_dbm;
  if (!exit) zone.exit_dbm = enter ? zone.enter_dbm - kHysteresisDb : levels.exit_dbm;
}

bool any_zone_without_id(const Shop& shop) {
  return shop.zones.empty() || std::ranges::any_of(shop.zones, [](const Zone& zone) { return zone.id.empty(); });
}

// What the radio of a capture is; meaningless for the others.
void read_source(TableReader& table, const std::filesystem::path& directory, ScannerSource& source) {
  table.parsed("driver", parse_driver, source.driver);
  table.parsed("file", path_from(directory), source.file);
  table.number("speed", kSpeed, source.speed);
  if (source.driver == ScannerDriver::capture) return;
  for (const std::string_view key : {"file", "speed"}) {
    if (table.given(key)) table.warning(key, " counts only with driver = \"capture\"");
  }
}

}  // namespace

std::optional<ZoneIndex> zone_called(const std::vector<Zone>& zones, std::string_view id) {
  const auto found = std::ranges::find(zones, id, &Zone::id);
  if (found == zones.end() || id.empty()) return std::nullopt;
  return static_cast<ZoneIndex>(found - zones.begin());
}

Problem unknown_zone(const std::vector<Zone>& zones, std::string_view id) {
  std::vector<std::string_view> names;
  for (const Zone& zone : zones) names.push_back(zone.id);
  const std::string hint = did_you_mean(id, names);
  return {"there is no zone \"" + std::string{id} + '"', hint.empty() ? "the zones are " + listed(names) : hint};
}

void read_zones(std::vector<TableReader> tables, Shop& shop) {
  std::vector<std::vector<std::string>> neighbours;
  if (tables.size() > kMostZones) {
    tables[kMostZones].file().error(tables[kMostZones].at(), "more than " + std::to_string(kMostZones) + " zones");
    tables.erase(tables.begin() + kMostZones, tables.end());
  }
  for (TableReader& table : tables) {
    Zone zone;
    const bool named = table.parsed("id", parse_name, zone.id);
    if (named && zone_called(shop.zones, zone.id))
      table.error("id", ": there are two zones \"" + zone.id + '"',
                  "every zone has its own id; scanners may share a zone");
    table.flag("entrance", zone.entrance);
    read_levels(table, zone);
    table.parsed_list("next_to", parse_name, neighbours.emplace_back());
    table.finish({"id"});
    shop.zones.push_back(std::move(zone));
  }
  if (any_zone_without_id(shop)) return;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    for (const std::string& id : neighbours[i]) {
      const auto zone = zone_called(shop.zones, id);
      if (zone) shop.zones[i].next_to.push_back(*zone);
      if (!zone) tables[i].file().error(tables[i].at("next_to"), unknown_zone(shop.zones, id));
    }
  }
}

void read_scanners(std::vector<TableReader> tables, const std::filesystem::path& directory, Settings& settings) {
  Shop& shop = settings.shop;
  std::optional<double> speed;
  for (TableReader& table : tables) {
    Scanner scanner;
    ScannerSource source;
    const bool named = table.parsed("adapter", parse_adapter, scanner.adapter);
    if (named && std::ranges::find(shop.scanners, scanner.adapter, &Scanner::adapter) != shop.scanners.end())
      table.error("adapter", ": there are two scanners on " + scanner.adapter,
                  "one radio is one scanner and covers one zone");
    std::string zone_id;
    if (table.parsed("zone", parse_name, zone_id) && !any_zone_without_id(shop)) {
      const auto zone = zone_called(shop.zones, zone_id);
      if (zone) scanner.zone = *zone;
      if (!zone) table.file().error(table.at("zone"), unknown_zone(shop.zones, zone_id));
    }
    table.integer("offset_db", kOffsetDb, scanner.offset_db);
    read_source(table, directory, source);
    if (source.driver == ScannerDriver::capture) {
      if (speed && *speed != source.speed)
        table.error("speed", " differs from that of another capture",
                    "captures are played on one clock: give all the same speed");
      speed = speed.value_or(source.speed);
    }
    if (!settings.sources.empty() && settings.sources.front().driver != source.driver)
      table.warning("driver", " differs from that of the first scanner",
                    "`run` takes no captures beside radios, and refuses this; `replay` does not care");
    table.finish({"adapter", "zone"});
    shop.scanners.push_back(std::move(scanner));
    settings.sources.push_back(std::move(source));
  }
}

}  // namespace beacon_gateway
