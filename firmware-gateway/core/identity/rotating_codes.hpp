// What a device shows in place of a lasting identifier, computed from the key that the profile holds: our rolling
// token (docs/rolling-token.md), Eddystone-EID, and the hash of a resolvable private address.
// Keys and codes are octets, most significant first. Pure; from any thread. Throws std::runtime_error where the
// machine's OpenSSL lacks SHA-256 or AES-128.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "core/address.hpp"
#include "core/profile.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

// Rolling token. The first 8 octets are sent as service data, or all 16 as a service UUID in printed order.
using RollingToken = std::array<std::uint8_t, 16>;

// The number of the period that holds `now`: floor(unix seconds / period_s). `period_s` is not 0.
[[nodiscard]] std::int64_t rolling_token_number(WallTime now, std::uint32_t period_s);
// The UTC day in which period `number` begins: the day whose key its token is made with.
[[nodiscard]] std::chrono::sys_days rolling_token_day(std::int64_t number, std::uint32_t period_s);
// HMAC-SHA-256(day key, "BGT1" and the number as 64 bits, big-endian), cut to 16 octets.
[[nodiscard]] RollingToken rolling_token(const Key128& day_key, std::int64_t number);

// Eddystone-EID (github.com/google/eddystone, eddystone-eid/eid-computation.md). `counter` is the beacon's clock in
// seconds, `rotation_exponent` 0..15. A temporary key lasts for the 65 536 s that share the counter's upper 16 bits.
using EphemeralId = std::array<std::uint8_t, 8>;
[[nodiscard]] Key128 eddystone_temporary_key(const Key128& identity_key, std::uint32_t counter);
[[nodiscard]] EphemeralId eddystone_ephemeral_id(const Key128& temporary_key, std::uint8_t rotation_exponent,
                                                 std::uint32_t counter);

// A resolvable private address (Bluetooth Core 5.4, Vol 6 Part B, 1.3.2.2) in its halves of 24 bits each. `prand` is
// the upper one, as printed, with its two type bits.
struct ResolvableAddress {
  std::uint32_t prand = 0;
  std::uint32_t hash = 0;
  friend bool operator==(const ResolvableAddress&, const ResolvableAddress&) = default;
};
// Nothing for an address of another type.
[[nodiscard]] std::optional<ResolvableAddress> resolvable_address(const Address& address);
// The function `ah` (Vol 3 Part H, 2.2.2). `prand` below 2^24, and so is the hash.
[[nodiscard]] std::uint32_t address_hash(const Key128& irk, std::uint32_t prand);
// Whether the IRK may have made the address; one in 2^24 foreign addresses says so too. For many keys: irk_scan.hpp.
[[nodiscard]] bool matches(const Key128& irk, const ResolvableAddress& address);

}  // namespace beacon_gateway
