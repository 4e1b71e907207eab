// Durations as the configuration writes them: a whole number and one of ms, s, m, h, d, as in "90s" or "4h".
#pragma once

#include <string>
#include <string_view>

#include "core/time.hpp"
#include "settings/problem.hpp"

namespace beacon_gateway {

// At most ten years: what is longer is a slip, and no sum of two overflows.
[[nodiscard]] Parsed<Duration> parse_duration(std::string_view text);

// In the largest unit that divides it: "90s", "4h".
[[nodiscard]] std::string duration_text(Duration duration);

}  // namespace beacon_gateway
