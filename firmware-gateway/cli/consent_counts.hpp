// How many shoppers consent to what at the moment: sums for `doctor`, who tells by them which campaigns can reach
// anyone.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/profile.hpp"

namespace beacon_gateway {

struct ConsentCounts {
  std::size_t profiles = 0;                       // staff left out
  std::array<std::size_t, kPurposeCount> live{};  // by Purpose

  void add(const Profile& profile, WallTime now);

  // "12 12 10 8 0 3": for the control socket.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::optional<ConsentCounts> from_text(std::string_view text);

  friend bool operator==(const ConsentCounts&, const ConsentCounts&) = default;
};

}  // namespace beacon_gateway
