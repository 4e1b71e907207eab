// Octets as lower-case hexadecimal digits, the first octet first.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace beacon_gateway {

[[nodiscard]] inline std::string hex_text(std::span<const std::uint8_t> octets) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * octets.size());
  for (const std::uint8_t octet : octets) {
    text += kDigits[octet >> 4];
    text += kDigits[octet & 0x0F];
  }
  return text;
}

}  // namespace beacon_gateway
