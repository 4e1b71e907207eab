#include "messages/text_forms.hpp"

#include <fmt/format.h>

#include <charconv>

namespace beacon_gateway {
namespace {

constexpr std::chrono::year kFirstYear{1970};
constexpr std::chrono::year kLastYear{2200};  // a Buddhist-era year (2569) is a mistake here, not a date

// Takes exactly `digits` decimal digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  const char* end = text.data() + digits;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || text.front() == '-') return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> take_day(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || std::chrono::year{*year} < kFirstYear || std::chrono::year{*year} > kLastYear || !take(text, '-'))
    return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date};
}

std::optional<std::chrono::minutes> take_hours_and_minutes(std::string_view& text) {
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
}

std::optional<Duration> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return Duration{};
  std::int64_t microseconds = 0;
  std::int64_t scale = 100'000;
  std::size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    microseconds += scale * (text.front() - '0');
    scale /= 10;
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  return Duration{microseconds};
}

std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return std::chrono::minutes{0};
  const bool west = !text.empty() && text.front() == '-';
  if (!west && (text.empty() || text.front() != '+')) return std::nullopt;
  text.remove_prefix(1);
  const auto offset = take_hours_and_minutes(text);
  if (!offset) return std::nullopt;
  return west ? -*offset : *offset;
}

std::optional<std::uint8_t> hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<std::uint8_t>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<std::uint8_t>(digit - 'a' + 10);
  if (digit >= 'A' && digit <= 'F') return static_cast<std::uint8_t>(digit - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::string day_text(std::chrono::sys_days day) {
  const std::chrono::year_month_day date{day};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string wall_time_text(WallTime at) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(at);
  const auto day = std::chrono::floor<std::chrono::days>(milliseconds);
  const std::chrono::hh_mm_ss time{milliseconds - day};
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", day_text(day), time.hours().count(), time.minutes().count(),
                     time.seconds().count(), time.subseconds().count());
}

std::optional<WallTime> wall_time_from_text(std::string_view text) {
  const auto day = take_day(text);
  if (!day || !take(text, 'T')) return std::nullopt;
  const auto minutes = take_hours_and_minutes(text);
  if (!minutes || !take(text, ':')) return std::nullopt;
  const auto seconds = take_number(text, 2);
  if (!seconds || *seconds > 59) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  const WallTime utc{*day + *minutes + std::chrono::seconds{*seconds} + *fraction - *offset};
  // The offset may lead out of the years that can be read back.
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(utc)};
  if (date.year() < kFirstYear || date.year() > kLastYear) return std::nullopt;
  return utc;
}

std::optional<std::chrono::sys_days> day_from_text(std::string_view text) {
  const auto day = take_day(text);
  return text.empty() ? day : std::nullopt;
}

std::string hex_text(std::span<const std::uint8_t> octets) {
  std::string text;
  for (const std::uint8_t octet : octets) text += fmt::format("{:02x}", octet);
  return text;
}

bool octets_from_hex(std::string_view text, std::span<std::uint8_t> octets) {
  if (text.size() != 2 * octets.size()) return false;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto high = hex_digit(text[2 * i]);
    const auto low = hex_digit(text[2 * i + 1]);
    if (!high || !low) return false;
    octets[i] = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return true;
}

std::string uuid_text(const Uuid& uuid) {
  std::string text = hex_text(uuid);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
  return text;
}

std::string beacon_text(const WakeUpBeacon& beacon) {
  const char* rotates = beacon.rotation ? ", rotating" : "";
  if (const auto* line = std::get_if<LineBeacon>(&beacon.identity))
    return fmt::format("LINE beacon {}{}", hex_text(line->hardware_id), rotates);
  const auto& ibeacon = std::get<IBeacon>(beacon.identity);
  return fmt::format("iBeacon {} {}/{}{}", uuid_text(ibeacon.uuid), ibeacon.major, ibeacon.minor, rotates);
}

std::optional<Uuid> uuid_from_text(std::string_view text) {
  constexpr std::size_t kLength = 36;
  if (text.size() != kLength) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < kLength; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) digits += text[i];
  }
  Uuid uuid{};
  if (!octets_from_hex(digits, uuid)) return std::nullopt;
  return uuid;
}

std::string printable(std::string_view text) {
  constexpr std::size_t kMost = 64;
  constexpr unsigned char kFirstPrintable = 0x20;
  constexpr unsigned char kDelete = 0x7F;
  std::string result;
  for (const char one : text.substr(0, kMost)) {
    const auto octet = static_cast<unsigned char>(one);
    result += octet < kFirstPrintable || octet == kDelete ? '?' : one;
  }
  return result;
}

}  // namespace beacon_gateway
