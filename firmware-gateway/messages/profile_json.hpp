// Profile <-> JSON (contract 3.5). Reading is strict: any unknown field, wrong type or bad value refuses the profile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "core/profile.hpp"

namespace beacon_gateway {

// What is wrong, with the JSON path of where: "identifiers[1].uuid: ...".
struct ProfileFault {
  std::string text;
};

// Attributes that are not in `kept_attributes` are left out (privacy): they are no fault.
[[nodiscard]] tl::expected<Profile, ProfileFault> profile_from_json(std::string_view json,
                                                                    const std::vector<std::string>& kept_attributes);

// A profile that `profile_to_json` wrote: its attributes were filtered before.
[[nodiscard]] tl::expected<Profile, ProfileFault> stored_profile_from_json(std::string_view json);

// One line; everything, keys included: only for the store and for the person's own data.
[[nodiscard]] std::string profile_to_json(const Profile& profile);

// The same with keys masked, for `profiles show`: a technician's screen is no place for key material.
[[nodiscard]] std::string profile_to_masked_json(const Profile& profile);

}  // namespace beacon_gateway
