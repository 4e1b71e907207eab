// The small texts of the configuration -> values: names, hours of the day, days, UUIDs, adapters, languages.
// Pure; each answers the value or what is wrong with it and what to write instead.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/beacon/frame.hpp"
#include "core/journey/calendar.hpp"
#include "settings/problem.hpp"

namespace beacon_gateway {

// [a-z0-9-]{1,32}: tenant, store, ids of zones, campaigns and variants. Part of topics and of event ids.
[[nodiscard]] Parsed<std::string> parse_name(std::string_view text);

// An attribute of profiles, usable as a placeholder: [A-Za-z0-9_-]{1,32}, and not a placeholder of our own.
[[nodiscard]] Parsed<std::string> parse_attribute_name(std::string_view text);

// 1..64 octets without control characters: segments.
[[nodiscard]] Parsed<std::string> parse_label(std::string_view text);

// "21:30-09:30"; 24:00 is allowed as the end.
[[nodiscard]] Parsed<DailyHours> parse_hours(std::string_view text);
[[nodiscard]] std::string hours_text(const DailyHours& hours);

// "mon" .. "sun" -> 0 .. 6
[[nodiscard]] Parsed<std::size_t> parse_day(std::string_view text);
inline constexpr std::array<std::string_view, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// "5a4bcfce-174e-4bac-a814-092e77f6b7e5" (RFC 9562, section 4), either case.
[[nodiscard]] Parsed<Uuid> parse_uuid(std::string_view text);

// "hci0" or an address; addresses come back in capitals.
[[nodiscard]] Parsed<std::string> parse_adapter(std::string_view text);

// A BCP 47 tag in its common form: "th", "en", "zh-Hant".
[[nodiscard]] bool is_language_tag(std::string_view text);

}  // namespace beacon_gateway
