// SHA-256 (FIPS 180-4) over a list of fields, for ids that are the same after a crash or a replay.
// Each field enters as its length in octets (32 bits, big-endian) and then its octets, so no two lists collide by
// shift.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace beacon_gateway {

// The first 32 hex digits: 128 bits, as many as a UUID.
[[nodiscard]] std::string digest_hex(std::initializer_list<std::string_view> fields);

// All 64 hex digits.
[[nodiscard]] std::string whole_digest_hex(std::initializer_list<std::string_view> fields);

// HMAC-SHA-256 (RFC 2104) of `text` alone, without a length before it: 64 hex digits.
[[nodiscard]] std::string keyed_digest_hex(std::string_view key, std::string_view text);

// The first 64 bits as a number: to draw a stable lot.
[[nodiscard]] std::uint64_t digest_number(std::initializer_list<std::string_view> fields);

}  // namespace beacon_gateway
