// One advertising report as a radio heard it: a plain value, copied through the queue, with no memory of its own.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "core/address.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

// Position of a scanner in the configuration; 0 is the first.
using ScannerIndex = std::uint16_t;

// The advertising data (Core 5.4, Vol 3 Part C, 11). 255 octets hold what one HCI event can carry of an extended
// advertisement (229) and every beacon format (at most 31); what lies past them is cut, and `truncated` says so.
struct Payload {
  static constexpr std::size_t kCapacity = 255;

  std::array<std::uint8_t, kCapacity> octets;
  std::uint8_t size = 0;
  bool truncated = false;

  Payload() noexcept : octets{} {}
  explicit Payload(std::span<const std::uint8_t> data) noexcept;

  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return {octets.data(), size}; }
};

struct Advertisement {
  ScannerIndex scanner = 0;
  Address address;
  std::optional<std::int8_t> rssi_dbm;  // absent where the controller says 127 (unavailable)
  Payload payload;
  Instant instant;
};

}  // namespace beacon_gateway
