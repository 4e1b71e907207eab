// calibration.toml <-> Calibration (contract 3.1, 3.2): `walk-test` prints it, every command reads it.
//
// One [[spot]] for each spot: `zone`, a zone's id or "street" for outside, and `levels_dbm`, by adapter the level in
// dBm of each scanner that hears the spot. A scanner that is absent does not hear it. Levels have one decimal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/presence/calibration.hpp"
#include "settings/problem.hpp"
#include "settings/table_reader.hpp"

namespace beacon_gateway {

// Outside, in calibration.toml and in the marks of a walk.
inline constexpr std::string_view kStreet = "street";

// Whether a zone bears the name of the street: then a calibration could not tell them apart.
[[nodiscard]] std::optional<Problem> street_as_zone(const Shop& shop);

// The zone called `text`; nothing for the street.
[[nodiscard]] Parsed<std::optional<ZoneIndex>> parse_place(const Shop& shop, std::string_view text);
[[nodiscard]] std::string_view place_name(const Shop& shop, std::optional<ZoneIndex> place);

// All of calibration.toml, into `shop`, whose zones and scanners have no fault. Left as it was on any error.
void read_calibration(TableReader root, Shop& shop);

// The tables [[spot]] that `read_calibration` of the same shop reads as `calibration`, to the tenth of a decibel.
[[nodiscard]] std::string calibration_toml(const Calibration& calibration, const Shop& shop);

}  // namespace beacon_gateway
