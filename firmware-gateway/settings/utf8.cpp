#include "settings/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>

namespace beacon_gateway {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode 15, general categories Mn, Me and Cf of the scripts that a shop's texts use.
constexpr std::array kCombining{
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x0610, 0x061A},
    Range{0x064B, 0x065F}, Range{0x0E31, 0x0E31}, Range{0x0E34, 0x0E3A}, Range{0x0E47, 0x0E4E},  // Thai
    Range{0x0EB1, 0x0EB1}, Range{0x0EB4, 0x0EBC}, Range{0x0EC8, 0x0ECE},                         // Lao
    Range{0x102D, 0x1030}, Range{0x1032, 0x1037}, Range{0x1039, 0x103A}, Range{0x17B4, 0x17B5},  // Burmese, Khmer
    Range{0x17B7, 0x17BD}, Range{0x17C6, 0x17C6}, Range{0x17C9, 0x17D3}, Range{0x1AB0, 0x1AFF},
    Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F}, Range{0x2060, 0x2064}, Range{0x20D0, 0x20FF},
    Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF}, Range{0x1F3FB, 0x1F3FF}};

// Unicode 15, East_Asian_Width W and F, in coarse blocks.
constexpr std::array kWide{Range{0x1100, 0x115F},   Range{0x2E80, 0xA4CF},   Range{0xAC00, 0xD7A3},
                           Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
                           Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF},
                           Range{0x1F900, 0x1FAFF}, Range{0x20000, 0x3FFFD}};

bool within(std::span<const Range> ranges, char32_t point) {
  return std::ranges::any_of(ranges, [&](const Range& r) { return r.first <= point && point <= r.last; });
}

bool is_dangerous(char32_t point) {
  constexpr std::array kDangerous{Range{0x00, 0x08},     Range{0x0A, 0x1F},     Range{0x7F, 0x9F},
                                  Range{0x200E, 0x200F}, Range{0x2028, 0x202E}, Range{0x2066, 0x2069},
                                  Range{0xFEFF, 0xFEFF}};
  return within(kDangerous, point);
}

std::uint8_t octet(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

void append(std::string& text, std::string_view from, const CodePoint& point) {
  if (point.state != Utf8::good || is_dangerous(point.value)) {
    text += "\uFFFD";
  } else {
    text += from.substr(0, point.size);
  }
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const std::uint8_t lead = octet(text, 0);
  if (lead < 0x80) return {lead, 1, Utf8::good};
  const std::size_t size = lead >= 0xC2 && lead <= 0xDF   ? 2
                           : lead >= 0xE0 && lead <= 0xEF ? 3
                           : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                          : 0;
  if (size == 0) return {kReplacement, 1, Utf8::bad};
  // RFC 3629, section 4: the second octet's range keeps out overlong forms, surrogates and what is above U+10FFFF.
  const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  char32_t value = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const bool there =
        i < text.size() && octet(text, i) >= (i == 1 ? low : 0x80) && octet(text, i) <= (i == 1 ? high : 0xBF);
    if (!there) return {kReplacement, i, Utf8::cut};
    value = (value << 6) | (octet(text, i) & 0x3FU);
  }
  return {value, size, Utf8::good};
}

bool is_combining(char32_t point) {
  return within(kCombining, point);
}

int columns(char32_t point) {
  if (is_combining(point)) return 0;
  return within(kWide, point) ? 2 : 1;
}

std::size_t letters(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (!is_combining(point.value)) ++count;
    text.remove_prefix(point.size);
  }
  return count;
}

std::string printable(std::string_view text, std::size_t most) {
  std::string result;
  for (std::size_t count = 0; !text.empty(); ++count) {
    if (count == most) return result + "…";
    const CodePoint point = first_code_point(text);
    append(result, text, point);
    text.remove_prefix(point.size);
  }
  return result;
}

std::string json_text(std::string_view text) {
  std::string result = "\"";
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (point.state != Utf8::good) {
      result += "\uFFFD";
    } else if (point.value == U'"' || point.value == U'\\') {
      result += '\\';
      result += text.front();
    } else if (point.value < 0x20 || point.value == 0x7F) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(point.value));
      result += escape.data();
    } else {
      result += text.substr(0, point.size);
    }
    text.remove_prefix(point.size);
  }
  return result + '"';
}

}  // namespace beacon_gateway
