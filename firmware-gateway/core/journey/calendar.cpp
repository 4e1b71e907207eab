#include "core/journey/calendar.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace beacon_gateway {
namespace {

std::chrono::seconds offset_at(const TimeZone& zone, WallTime at) {
  if (zone.transitions.empty()) return {};
  const auto after = std::upper_bound(zone.transitions.begin(), zone.transitions.end(), at,
                                      [](WallTime when, const TimeZone::Transition& t) { return when < t.from; });
  // Before the first transition nothing better is known than its own offset.
  return after == zone.transitions.begin() ? after->offset : std::prev(after)->offset;
}

std::optional<DailyHours> hours_on(const OpeningHours& hours, std::chrono::local_days date) {
  for (const auto& exception : hours.exceptions) {
    if (exception.date == date) return exception.hours;
  }
  return hours.by_weekday.at(std::chrono::weekday{date}.iso_encoding() - 1);
}

bool open_since(const OpeningHours& hours, std::chrono::local_days date, const LocalTime& at) {
  const auto span = hours_on(hours, date);
  return span && span_start(*span, at) == date;
}

}  // namespace

LocalTime local_time(const TimeZone& zone, WallTime at) {
  const std::chrono::local_time<Duration> local{at.time_since_epoch() + offset_at(zone, at)};
  const auto date = std::chrono::floor<std::chrono::days>(local);
  return {date, std::chrono::floor<std::chrono::minutes>(local - date)};
}

std::string date_text(std::chrono::local_days date) {
  const std::chrono::year_month_day day{date};
  std::array<char, 32> text{};  // "-32768-12-31" at the longest
  const int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                                   static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<std::chrono::local_days> span_start(const DailyHours& hours, const LocalTime& at) {
  const bool crosses_midnight = hours.end <= hours.start;
  const bool begun = at.time_of_day >= hours.start;
  const bool before_end = at.time_of_day < hours.end;
  if (!crosses_midnight) return begun && before_end ? std::optional{at.date} : std::nullopt;
  if (begun) return at.date;
  if (before_end) return at.date - std::chrono::days{1};
  return std::nullopt;
}

bool is_open(const OpeningHours& hours, const LocalTime& at) {
  if (!hours.configured) return true;
  return open_since(hours, at.date, at) || open_since(hours, at.date - std::chrono::days{1}, at);
}

}  // namespace beacon_gateway
