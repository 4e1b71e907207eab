#include "core/address.hpp"

#include "core/masked.hpp"

namespace beacon_gateway {
namespace {

constexpr std::size_t kShownOfAddress = 5;  // "04:05"
constexpr std::size_t kTextLength = 17;     // "C0:01:02:03:04:05"

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  return std::nullopt;
}

}  // namespace

std::string Address::text() const {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(kTextLength);
  for (const std::uint8_t octet : octets) {
    if (!text.empty()) text += ':';
    text += kDigits[octet >> 4];
    text += kDigits[octet & 0x0F];
  }
  return text;
}

std::string Address::masked() const {
  return masked_tail(text(), kShownOfAddress);
}

AddressType random_address_type(std::uint8_t most_significant_octet) {
  switch (most_significant_octet >> 6) {
    case 0b11:
      return AddressType::random_static;
    case 0b01:
      return AddressType::random_resolvable;
    default:
      return AddressType::random_non_resolvable;
  }
}

std::optional<std::array<std::uint8_t, 6>> parse_address_octets(std::string_view text) {
  std::array<std::uint8_t, 6> octets{};
  if (text.size() != kTextLength) return std::nullopt;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto high = hex_digit(text[3 * i]);
    const auto low = hex_digit(text[3 * i + 1]);
    const bool separated = i + 1 == octets.size() || text[3 * i + 2] == ':';
    if (!high || !low || !separated) return std::nullopt;
    octets[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return octets;
}

}  // namespace beacon_gateway
