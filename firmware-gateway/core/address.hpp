// A Bluetooth device address with its type.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beacon_gateway {

// Bluetooth Core 5.4, Vol 6 Part B, 1.3. The radio tells public from random; the two most significant bits of a random
// address tell its sub-type.
enum class AddressType : std::uint8_t { public_address, random_static, random_resolvable, random_non_resolvable };

// Six octets, most significant first, as printed (C0:..). Prints masked; `text()` is for codecs and `--all`.
struct Address {
  std::array<std::uint8_t, 6> octets{};
  AddressType type = AddressType::public_address;

  [[nodiscard]] std::string text() const;    // "C0:01:02:03:04:05"
  [[nodiscard]] std::string masked() const;  // "…04:05"

  friend auto operator<=>(const Address&, const Address&) = default;
};

// The type of a random address, from its two most significant bits (11 static, 01 resolvable, 00 non-resolvable;
// 10 is reserved and counted as non-resolvable: it can identify nobody).
[[nodiscard]] AddressType random_address_type(std::uint8_t most_significant_octet);

// Reads "C0:01:02:03:04:05" (either case); nothing for any other form.
[[nodiscard]] std::optional<std::array<std::uint8_t, 6>> parse_address_octets(std::string_view text);

}  // namespace beacon_gateway
