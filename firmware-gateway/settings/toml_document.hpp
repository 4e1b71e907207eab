// TOML text -> values with their places. The only file that knows toml++.
#pragma once

#include <optional>

#include "settings/source_file.hpp"
#include "settings/toml_value.hpp"

namespace beacon_gateway {

// Nothing on a syntax error, which is reported in `file`. Texts that are not closed are reported and closed at the end
// of their line, so that the faults after them are found in the same run.
[[nodiscard]] std::optional<TomlValue> parse_toml(SourceFile& file);

}  // namespace beacon_gateway
