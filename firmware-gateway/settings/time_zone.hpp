// IANA time zone name -> the transitions of the zone (date library over the system's tzdata).
// The library reads the explicit transitions of the zone files: summer time is known until 2037, and after it the last
// offset holds. Asia/Bangkok has had none since 1920.
#pragma once

#include <string_view>
#include <vector>

#include "core/journey/calendar.hpp"
#include "settings/problem.hpp"

namespace beacon_gateway {

// Reads files of the system; not for a hot path.
[[nodiscard]] Parsed<TimeZone> find_time_zone(std::string_view name);

// What to say of a zone that is not among `known`, the names that the system has; none: tzdata is not installed.
[[nodiscard]] Problem unknown_time_zone(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace beacon_gateway
