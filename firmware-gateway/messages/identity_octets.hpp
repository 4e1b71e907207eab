// What recognising needs of a profile <-> a few octets, for the store: a start reads a hundred thousand of them.
//
// Format octet (1), flags (bit 0: staff), number of identifiers, then each: its kind and its fields, numbers
// big-endian, optional ones after an octet 0 or 1. Day keys of rolling tokens, clock corrections and the profile's
// number are not in it: they change and go by themselves.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/identity/identity.hpp"

namespace beacon_gateway {

[[nodiscard]] std::string identity_to_octets(bool staff, std::span<const ProfileIdentifier> identifiers);

// Nothing for anything but what `identity_to_octets` writes for identifiers within their ranges.
[[nodiscard]] std::optional<Identity> identity_from_octets(std::string_view octets);

}  // namespace beacon_gateway
