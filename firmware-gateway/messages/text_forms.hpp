// The text forms of values on the wire: hex, UUIDs, UTC times, dates. Each reader takes exactly one form.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/beacon/frame.hpp"
#include "core/beacon/wake_up.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

// "2026-11-22T03:04:05.678Z", cut to the millisecond.
[[nodiscard]] std::string wall_time_text(WallTime at);
// RFC 3339 with up to nine decimals, cut to the microsecond, and "Z" or a numeric offset; years 1970 to 2200 (UTC).
[[nodiscard]] std::optional<WallTime> wall_time_from_text(std::string_view text);

[[nodiscard]] std::string day_text(std::chrono::sys_days day);  // "2026-11-22"
[[nodiscard]] std::optional<std::chrono::sys_days> day_from_text(std::string_view text);

[[nodiscard]] std::string hex_text(std::span<const std::uint8_t> octets);                   // lower case
[[nodiscard]] bool octets_from_hex(std::string_view text, std::span<std::uint8_t> octets);  // either case, exact length

[[nodiscard]] std::string uuid_text(const Uuid& uuid);  // 8-4-4-4-12, lower case
[[nodiscard]] std::optional<Uuid> uuid_from_text(std::string_view text);

// For people: "iBeacon 5a4bcfce-174e-4bac-a814-092e77f6b7e5 12/1"; the minor as configured, never the key.
[[nodiscard]] std::string beacon_text(const WakeUpBeacon& beacon);

// Safe to show on a terminal and in one line of a log: control characters as "?", at most 64 octets.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace beacon_gateway
