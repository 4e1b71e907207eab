#include "settings/calibration_settings.hpp"

#include <algorithm>
#include <sstream>

#include "settings/nearest.hpp"
#include "settings/tables.hpp"

namespace beacon_gateway {
namespace {

constexpr Range<double> kLevelDbm{kUnheardDbm, 20};  // what a radio can report at most, as in shop_settings.cpp
constexpr int kDecimals = 1;  // a level is a mean over seconds of something that swings by decibels

constexpr const char* kWalkAgain = "walk the shop again (`beacon-gateway walk-test`), or delete calibration.toml";

// By scanner; what is not heard is kUnheardDbm.
std::vector<double> read_levels(TableReader levels, const Shop& shop) {
  std::vector<double> result(shop.scanners.size(), kUnheardDbm);
  const std::size_t errors_before = levels.file().errors();
  bool any = false;
  for (std::size_t i = 0; i < shop.scanners.size(); ++i)
    any = levels.number(shop.scanners[i].adapter, kLevelDbm, result[i]) || any;
  levels.finish();
  if (!any && levels.file().errors() == errors_before)
    levels.file().error(levels.at(), "`levels_dbm` names no scanner",
                        "a spot that nobody hears tells nothing: delete it");
  return result;
}

// Nothing, after reporting why, for one that cannot be used.
std::optional<Spot> read_spot(TableReader& table, const Shop& shop) {
  const std::size_t errors_before = table.file().errors();
  Spot spot;
  table.parsed("zone", [&shop](std::string_view text) { return parse_place(shop, text); }, spot.zone);
  if (const auto levels = table.table("levels_dbm", "levels_dbm")) spot.levels_dbm = read_levels(*levels, shop);
  table.finish({"zone", "levels_dbm"});
  return table.file().errors() == errors_before ? std::optional{std::move(spot)} : std::nullopt;
}

void report_places_without_spot(const TableReader& root, const Shop& shop, const Calibration& calibration) {
  const auto has_spot = [&](std::optional<ZoneIndex> place) {
    return std::ranges::find(calibration.spots, place, &Spot::zone) != calibration.spots.end();
  };
  std::vector<std::string_view> without;
  for (std::size_t zone = 0; zone < shop.zones.size(); ++zone)
    if (!has_spot(static_cast<ZoneIndex>(zone))) without.push_back(shop.zones[zone].id);
  if (!has_spot(std::nullopt)) without.insert(without.begin(), kStreet);
  if (!without.empty()) root.file().error(root.at(), "there is no [[spot]] of " + listed(without), kWalkAgain);
}

// A bare key of TOML 1.0 has letters, digits, _ and - only.
std::string key_text(std::string_view adapter) {
  return adapter.find(':') == std::string_view::npos ? std::string{adapter} : '"' + std::string{adapter} + '"';
}

}  // namespace

std::optional<Problem> street_as_zone(const Shop& shop) {
  if (!zone_called(shop.zones, kStreet)) return std::nullopt;
  return Problem{"a zone of gateway.toml is called \"street\", which in a calibration means outside",
                 "give that zone another id"};
}

Parsed<std::optional<ZoneIndex>> parse_place(const Shop& shop, std::string_view text) {
  if (text == kStreet) return std::optional<ZoneIndex>{};
  if (const auto zone = zone_called(shop.zones, text)) return zone;
  std::vector<std::string_view> names{kStreet};
  for (const Zone& zone : shop.zones) names.push_back(zone.id);
  const std::string hint = did_you_mean(text, names);
  return problem("there is no zone \"" + std::string{text} + '"', hint.empty() ? "known are " + listed(names) : hint);
}

std::string_view place_name(const Shop& shop, std::optional<ZoneIndex> place) {
  return place ? std::string_view{shop.zones.at(*place).id} : kStreet;
}

void read_calibration(TableReader root, Shop& shop) {
  const std::size_t errors_before = root.file().errors();
  if (const auto why = street_as_zone(shop)) {
    root.file().error(root.at(), *why);
    return;
  }
  Calibration calibration;
  for (TableReader& table : root.tables("spot")) {
    auto spot = read_spot(table, shop);
    if (!spot) continue;
    if (std::ranges::count(calibration.spots, spot->zone, &Spot::zone) == static_cast<long>(kMostSpotsOfAPlace))
      table.error("zone",
                  ": there are more than " + std::to_string(kMostSpotsOfAPlace) + " spots of " +
                      std::string{place_name(shop, spot->zone)},
                  kWalkAgain);
    if (calibration.spots.size() == kMostSpots)
      table.error("zone", ": there are more than " + std::to_string(kMostSpots) + " spots", kWalkAgain);
    calibration.spots.push_back(std::move(*spot));
  }
  root.finish({"spot"});
  if (root.file().errors() == errors_before) report_places_without_spot(root, shop, calibration);
  if (root.file().errors() == errors_before)
    shop.calibration = std::make_shared<const Calibration>(std::move(calibration));
}

std::string calibration_toml(const Calibration& calibration, const Shop& shop) {
  std::ostringstream text;
  text.setf(std::ios::fixed);
  text.precision(kDecimals);
  for (const Spot& spot : calibration.spots) {
    text << "\n[[spot]]\nzone = \"" << place_name(shop, spot.zone) << "\"\nlevels_dbm = {";
    const char* separator = " ";
    for (std::size_t i = 0; i < spot.levels_dbm.size(); ++i) {
      if (spot.levels_dbm[i] <= kUnheardDbm) continue;
      text << separator << key_text(shop.scanners.at(i).adapter) << " = " << spot.levels_dbm[i];
      separator = ", ";
    }
    text << " }\n";
  }
  return std::move(text).str();
}

}  // namespace beacon_gateway
