// The tables of profiles.db, and which of their columns are sealed under which name. Times are UTC microseconds, days
// count from 1970-01-01, `shopper` is the keyed hash of the pseudonym.
#pragma once

#include "drivers/sqlite/sealed_database.hpp"

namespace beacon_gateway::sqlite {

// All sealed under the shopper's hash; a day key under its place and day, too.
inline constexpr std::string_view kIdentity = "records.identity";
inline constexpr std::string_view kBody = "bodies.body";
inline constexpr std::string_view kDayKey = "day_keys.key";
inline constexpr std::string_view kPseudonym = "pseudonym";  // of bodies and erasures: moved without opening

[[nodiscard]] const StoreLayout& profile_layout();

}  // namespace beacon_gateway::sqlite
