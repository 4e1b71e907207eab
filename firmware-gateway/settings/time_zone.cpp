#include "settings/time_zone.hpp"

#include <date/tz.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "settings/nearest.hpp"

namespace beacon_gateway {
namespace {

constexpr std::chrono::sys_days kFrom{std::chrono::year{1970} / 1 / 1};
constexpr std::chrono::sys_days kTo{std::chrono::year{2100} / 1 / 1};

std::vector<TimeZone::Transition> transitions_of(const date::time_zone& zone) {
  std::vector<TimeZone::Transition> transitions;
  for (std::chrono::sys_seconds at{kFrom}; at < kTo;) {
    const date::sys_info info = zone.get_info(at);
    if (transitions.empty() || transitions.back().offset != info.offset) transitions.push_back({at, info.offset});
    if (info.end <= at) break;
    at = info.end;
  }
  return transitions;
}

// Last part of the name: people know their city, not its continent.
std::string_view city(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

// None without tzdata.
std::vector<std::string_view> known_time_zones() {
  std::vector<std::string_view> known;
  try {
    for (const date::time_zone& zone : date::get_tzdb().zones) known.push_back(zone.name());
  } catch (const std::runtime_error&) {
    known.clear();
  }
  return known;
}

}  // namespace

Problem unknown_time_zone(std::string_view name, const std::vector<std::string_view>& known) {
  const std::string text = "unknown time zone \"" + std::string{name} + '"';
  if (known.empty()) return {"the time zones of this system cannot be read", "install the package tzdata"};
  std::string hint = did_you_mean(name, known);
  if (hint.empty()) {
    std::vector<std::string_view> cities;
    for (const std::string_view one : known) cities.push_back(city(one));
    const std::string_view near = nearest(city(name), cities);
    const auto found = std::ranges::find(cities, near);
    if (!near.empty())
      hint = "did you mean `" + std::string{known[static_cast<std::size_t>(found - cities.begin())]} + "`?";
  }
  return {text, hint.empty() ? "names are like Asia/Bangkok; `timedatectl list-timezones` lists them" : hint};
}

Parsed<TimeZone> find_time_zone(std::string_view name) {
  // The date library tells all failures as std::runtime_error: no tzdata, no such zone, an unreadable zone file.
  try {
    const date::time_zone* zone = date::locate_zone(std::string{name});
    return TimeZone{std::string{name}, transitions_of(*zone)};
  } catch (const std::runtime_error&) {
    return tl::make_unexpected(unknown_time_zone(name, known_time_zones()));
  }
}

}  // namespace beacon_gateway
