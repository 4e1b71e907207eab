#include "settings/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/address.hpp"
#include "settings/nearest.hpp"

namespace beacon_gateway {
namespace {

constexpr std::size_t kLongestName = 32;   // contract 3.2
constexpr std::size_t kLongestLabel = 64;  // as the longest shopper_id
constexpr int kMinutesPerHour = 60;
constexpr int kHoursPerDay = 24;

bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char to_small(char c) {
  return is_capital(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string quoted(std::string_view text) {
  return '"' + std::string{text} + '"';
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName &&
         std::ranges::all_of(text, [](char c) { return is_small(c) || is_digit(c) || c == '-'; });
}

std::optional<int> number(std::string_view digits) {
  int value = 0;
  if (digits.empty() || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return fault == std::errc{} ? std::optional{value} : std::nullopt;
}

// "09:30" -> minutes since midnight; 24:00 included.
std::optional<int> parse_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = number(text.substr(0, 2));
  const auto minute = number(text.substr(3));
  if (!hour || !minute || *minute >= kMinutesPerHour) return std::nullopt;
  const int minutes = *hour * kMinutesPerHour + *minute;
  return minutes <= kHoursPerDay * kMinutesPerHour ? std::optional{minutes} : std::nullopt;
}

std::string time_of_day_text(std::chrono::minutes time) {
  const auto two_digits = [](long value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  return two_digits(time.count() / kMinutesPerHour) + ':' + two_digits(time.count() % kMinutesPerHour);
}

std::optional<std::uint8_t> hex_digit(char c) {
  if (is_digit(c)) return static_cast<std::uint8_t>(c - '0');
  const char small = to_small(c);
  if (small >= 'a' && small <= 'f') return static_cast<std::uint8_t>(small - 'a' + 10);
  return std::nullopt;
}

}  // namespace

Parsed<std::string> parse_name(std::string_view text) {
  if (is_name(text)) return std::string{text};
  std::string proposal{text};
  std::ranges::transform(proposal, proposal.begin(), [](char c) { return c == ' ' || c == '_' ? '-' : to_small(c); });
  return problem(quoted(text) + " is no name",
                 is_name(proposal) ? "write " + quoted(proposal) : "a name has 1 to 32 of: a-z, 0-9 and -");
}

Parsed<std::string> parse_attribute_name(std::string_view text) {
  const bool good =
      !text.empty() && text.size() <= kLongestName && text != "store_name" && std::ranges::all_of(text, [](char c) {
        return is_small(c) || is_capital(c) || is_digit(c) || c == '_' || c == '-';
      });
  if (good) return std::string{text};
  return problem(quoted(text) + " cannot be an attribute's name",
                 "a name has 1 to 32 of: letters, 0-9, _ and -; store_name is taken");
}

Parsed<std::string> parse_label(std::string_view text) {
  const bool good = !text.empty() && text.size() <= kLongestLabel &&
                    std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (good) return std::string{text};
  return problem(quoted(text) + " is no segment", "a segment has 1 to 64 letters");
}

Parsed<DailyHours> parse_hours(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto start = parse_time_of_day(text.substr(0, dash));
  const auto end = dash == std::string_view::npos ? std::nullopt : parse_time_of_day(text.substr(dash + 1));
  const bool good = start && end && *start < kHoursPerDay * kMinutesPerHour;
  if (good) return DailyHours{std::chrono::minutes{*start}, std::chrono::minutes{*end}};
  return problem(quoted(text) + " is no span of hours",
                 R"(write "HH:MM-HH:MM" on a 24-hour clock, as in "09:30-21:00" or over midnight "21:30-09:30")");
}

std::string hours_text(const DailyHours& hours) {
  return time_of_day_text(hours.start) + '-' + time_of_day_text(hours.end);
}

Parsed<std::size_t> parse_day(std::string_view text) {
  const auto found = std::ranges::find(kDays, text);
  if (found != kDays.end()) return static_cast<std::size_t>(found - kDays.begin());
  std::string start{text.substr(0, 3)};
  std::ranges::transform(start, start.begin(), to_small);
  const bool meant = std::ranges::find(kDays, start) != kDays.end();
  return problem(quoted(text) + " is no day",
                 meant ? "write " + quoted(start) : "the days are mon, tue, wed, thu, fri, sat and sun");
}

Parsed<Uuid> parse_uuid(std::string_view text) {
  constexpr std::string_view kForm = "00000000-0000-0000-0000-000000000000";
  Uuid uuid{};
  std::size_t digits = 0;
  bool good = text.size() == kForm.size();
  for (std::size_t i = 0; good && i < text.size(); ++i) {
    if (kForm[i] == '-') {
      good = text[i] == '-';
      continue;
    }
    const auto digit = hex_digit(text[i]);
    good = digit.has_value();
    if (good) uuid[digits / 2] = static_cast<std::uint8_t>(uuid[digits / 2] << 4 | *digit);
    ++digits;
  }
  if (good) return uuid;
  return problem(quoted(text) + " is no UUID",
                 "a UUID has 32 hex digits in groups of 8-4-4-4-12, as in 5a4bcfce-174e-4bac-a814-092e77f6b7e5");
}

Parsed<std::string> parse_adapter(std::string_view text) {
  if (const auto octets = parse_address_octets(text)) return Address{*octets, AddressType::public_address}.text();
  constexpr std::string_view kPrefix = "hci";
  constexpr int kMostAdapter = 65535;  // adapter indexes have 16 bits (BlueZ, doc/mgmt-api.txt)
  const std::string_view index = text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : std::string_view{};
  const auto value = number(index);
  if (value && *value < kMostAdapter && std::to_string(*value) == index) return std::string{text};
  return problem(quoted(text) + " is no adapter",
                 R"(write "hci0" as `bluetoothctl list` and `hciconfig` name it, or the adapter's address)");
}

bool is_language_tag(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::string_view language = text.substr(0, dash);
  const std::string_view rest = dash == std::string_view::npos ? std::string_view{} : text.substr(dash);
  constexpr std::size_t kLongestRest = 16;
  return (language.size() == 2 || language.size() == 3) && std::ranges::all_of(language, is_small) &&
         rest.size() <= kLongestRest && !rest.ends_with('-') &&
         std::ranges::all_of(rest, [](char c) { return is_small(c) || is_capital(c) || is_digit(c) || c == '-'; });
}

}  // namespace beacon_gateway
