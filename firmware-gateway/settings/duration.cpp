#include "settings/duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>

namespace beacon_gateway {
namespace {

using namespace std::chrono_literals;

struct Unit {
  std::string_view name;
  Duration length;
};
constexpr std::array kUnits{Unit{"d", 24h}, Unit{"h", 1h}, Unit{"m", 1min}, Unit{"s", 1s}, Unit{"ms", 1ms}};
constexpr Duration kLongest = 10 * 365 * Duration{24h};

// What people write instead, in English and Thai.
struct Alias {
  std::string_view wrong;
  std::string_view meant;
};
constexpr std::array kAliases{
    Alias{"msec", "ms"},   Alias{"millis", "ms"}, Alias{"sec", "s"},   Alias{"secs", "s"}, Alias{"second", "s"},
    Alias{"seconds", "s"}, Alias{"S", "s"},       Alias{"วินาที", "s"},  Alias{"min", "m"},  Alias{"mins", "m"},
    Alias{"minute", "m"},  Alias{"minutes", "m"}, Alias{"M", "m"},     Alias{"นาที", "m"},  Alias{"hr", "h"},
    Alias{"hrs", "h"},     Alias{"hour", "h"},    Alias{"hours", "h"}, Alias{"H", "h"},    Alias{"ชม.", "h"},
    Alias{"ชั่วโมง", "h"},   Alias{"day", "d"},     Alias{"days", "d"},  Alias{"D", "d"},    Alias{"วัน", "d"}};

std::string unit_hint(std::string_view digits, std::string_view unit) {
  for (const Alias& alias : kAliases) {
    if (unit == alias.wrong) return "write \"" + std::string{digits} + std::string{alias.meant} + '"';
  }
  return "the units are ms, s, m, h and d, as in \"90s\" or \"4h\"";
}

}  // namespace

Parsed<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.data()));
  if (digits.empty() || count < 0 || fault == std::errc::invalid_argument) {
    return problem('"' + std::string{text} + "\" is no duration", unit_hint("90", ""));
  }
  const bool too_many_digits = fault == std::errc::result_out_of_range;
  std::string_view unit = text.substr(digits.size());
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const Unit& known : kUnits) {
    if (text.substr(digits.size()) != known.name) continue;
    if (too_many_digits || count > kLongest / known.length) return problem('"' + std::string{text} + "\" is too long");
    return count * known.length;
  }
  if (unit.empty()) return problem('"' + std::string{text} + "\" has no unit", unit_hint(digits, unit));
  for (const Unit& known : kUnits) {  // only the space is wrong
    if (unit == known.name)
      return problem('"' + std::string{text} + "\" has a space",
                     "write \"" + std::string{digits} + std::string{unit} + '"');
  }
  return problem('"' + std::string{text} + "\" has an unknown unit", unit_hint(digits, unit));
}

std::string duration_text(Duration duration) {
  for (const Unit& unit : kUnits) {
    if (duration != Duration::zero() && duration % unit.length == Duration::zero())
      return std::to_string(duration / unit.length) + std::string{unit.name};
  }
  return duration == Duration::zero() ? "0s" : std::to_string(duration.count()) + "us";
}

}  // namespace beacon_gateway
