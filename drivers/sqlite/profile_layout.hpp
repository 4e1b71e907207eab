// The tables of profiles.db, and which of their columns are sealed under which name. Times are UTC microseconds, days
// count from 1970-01-01, `shopper` is the keyed hash of the pseudonym.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/shopper_id.hpp"
#include "drivers/sqlite/sealed_database.hpp"

namespace beacon_gateway::sqlite {

// Sealed under the shopper's hash; a day key under its place and day, too.
inline constexpr std::string_view kIdentity = "records.identity";
inline constexpr std::string_view kBody = "bodies.body";
inline constexpr std::string_view kDayKey = "day_keys.key";
inline constexpr std::string_view kCampaigns = "campaigns.body";  // under the version
inline constexpr std::string_view kPseudonym = "pseudonym";       // of bodies and erasures: moved without opening

// What is sealed as a pseudonym: whose, and what the end of an erasure has to know of the profile, so that a profile
// goes without being opened. "ID", "ID staff", "ID test" or "ID staff test": no id has a space.
struct Pseudonym {
  ShopperId shopper_id;
  bool staff = false;
  bool test = false;
};
[[nodiscard]] std::string to_text(const Pseudonym& pseudonym);
[[nodiscard]] std::optional<Pseudonym> pseudonym_from(std::string_view text);

[[nodiscard]] const StoreLayout& profile_layout();

}  // namespace beacon_gateway::sqlite
