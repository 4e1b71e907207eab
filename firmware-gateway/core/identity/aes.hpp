// AES-128 (FIPS 197) of one block: the step that Eddystone-EID and resolvable addresses are built of.
// Octets most significant first, as in the specifications' sample data. From any thread: each has its own context.
#pragma once

#include <array>
#include <cstdint>

#include "core/profile.hpp"

namespace beacon_gateway {

using Block = std::array<std::uint8_t, 16>;

// Throws std::runtime_error where the machine's OpenSSL has no AES-128: then no identity can be told.
[[nodiscard]] Block aes128_encrypt(const Key128& key, const Block& plain);

}  // namespace beacon_gateway
