// The syntax errors of toml++ in a technician's words.
#pragma once

#include <string_view>

#include "settings/source_file.hpp"

namespace beacon_gateway {

// Reports the error that toml++ describes at `at`. Answers the quotation mark that, put at the end of that line, lets
// reading go on; empty where nothing is sure to.
[[nodiscard]] std::string_view report_syntax(SourceFile& file, Position at, std::string_view description);

}  // namespace beacon_gateway
