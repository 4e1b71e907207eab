// Store-local time: time zone, hours of a day that may cross midnight, opening hours with exceptions.
// Pure: the transitions of the zone are read once, by the settings, and are a value here.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"

namespace beacon_gateway {

using WeekdaySet = std::bitset<7>;  // bit = std::chrono::weekday::iso_encoding() - 1; Monday is 0
[[nodiscard]] constexpr WeekdaySet every_day() {
  return WeekdaySet{0x7F};
}

// Offsets from UTC by transition, ascending; after the last one its offset holds (see settings/time_zone.hpp).
struct TimeZone {
  struct Transition {
    WallTime from{};
    std::chrono::seconds offset{};
  };
  std::string name = "UTC";
  std::vector<Transition> transitions;  // empty: UTC
};

struct LocalTime {
  std::chrono::local_days date{};
  std::chrono::minutes time_of_day{};  // since local midnight, cut to the minute

  [[nodiscard]] std::chrono::weekday weekday() const { return std::chrono::weekday{date}; }
};

[[nodiscard]] LocalTime local_time(const TimeZone& zone, WallTime at);

// "2026-11-22"
[[nodiscard]] std::string date_text(std::chrono::local_days date);

// Start inclusive, end exclusive; end at or before start crosses midnight; 24:00 is allowed as an end.
struct DailyHours {
  std::chrono::minutes start{};
  std::chrono::minutes end{};
  friend bool operator==(const DailyHours&, const DailyHours&) = default;
};

// The date on which the span of `hours` that holds `at` began, or nothing if none holds it. After midnight, within a
// span that crosses it, that is the day before.
[[nodiscard]] std::optional<std::chrono::local_days> span_start(const DailyHours& hours, const LocalTime& at);

struct OpeningHours {
  struct Exception {
    std::chrono::local_days date{};
    std::optional<DailyHours> hours;  // absent: closed
  };
  bool configured = false;                              // absent in the configuration: always open
  std::array<std::optional<DailyHours>, 7> by_weekday;  // Monday first; absent: closed
  std::vector<Exception> exceptions;
};

[[nodiscard]] bool is_open(const OpeningHours& hours, const LocalTime& at);

}  // namespace beacon_gateway
