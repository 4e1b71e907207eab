// UTF-8 (RFC 3629) one code point at a time, and how wide each stands in a terminal: for positions and carets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace beacon_gateway {

inline constexpr char32_t kReplacement = U'\uFFFD';

enum class Utf8 : std::uint8_t {
  good,
  cut,  // a character begins but its last bytes are missing
  bad,  // bytes that no character has: another encoding
};

struct CodePoint {
  char32_t value = kReplacement;  // kReplacement where not good
  std::size_t size = 0;           // octets to step over; never 0
  Utf8 state = Utf8::good;
};

// The first code point of `text`, which must not be empty.
[[nodiscard]] CodePoint first_code_point(std::string_view text);

// Stands over its predecessor and takes no column of its own: Thai vowels and tone marks, other marks, joiners.
[[nodiscard]] bool is_combining(char32_t point);

// Columns in a terminal: 0, 1, or 2 for East Asian wide characters and emoji. A tab is the caller's affair.
[[nodiscard]] int columns(char32_t point);

// Code points that are not combining marks: near enough to what a person counts as letters.
[[nodiscard]] std::size_t letters(std::string_view text);

// `text` with control and direction-changing characters made U+FFFD (tabs kept), so that a configuration cannot write
// to the technician's terminal; cut after `most` code points.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most);

// As a JSON string (RFC 8259), quotes included; what is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string json_text(std::string_view text);

}  // namespace beacon_gateway
