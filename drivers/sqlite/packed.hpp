// Several texts as one, to be sealed together: each as its length in octets (32 bits, big-endian) and its octets.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace beacon_gateway::sqlite {

[[nodiscard]] inline std::string packed(std::initializer_list<std::string_view> texts) {
  std::string result;
  for (const std::string_view text : texts) {
    for (const unsigned shift : {24U, 16U, 8U, 0U})
      result += static_cast<char>(static_cast<std::uint8_t>(text.size() >> shift));
    result += text;
  }
  return result;
}

// Nothing if these are not exactly `kCount` texts.
template <std::size_t kCount>
[[nodiscard]] std::optional<std::array<std::string, kCount>> unpacked(std::string_view octets) {
  constexpr std::size_t kPrefix = 4;
  std::array<std::string, kCount> texts;
  for (std::string& text : texts) {
    if (octets.size() < kPrefix) return std::nullopt;
    std::size_t size = 0;
    for (const char octet : octets.substr(0, kPrefix)) size = size << 8U | static_cast<std::uint8_t>(octet);
    octets.remove_prefix(kPrefix);
    if (octets.size() < size) return std::nullopt;
    text = octets.substr(0, size);
    octets.remove_prefix(size);
  }
  return octets.empty() ? std::optional{std::move(texts)} : std::nullopt;
}

}  // namespace beacon_gateway::sqlite
