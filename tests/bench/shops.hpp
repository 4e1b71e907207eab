// What the benchmarks recognise: people and strangers by the number, each made from it alone, so that a run needs no
// file and each run has the same.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/advertisement.hpp"
#include "core/identity/identity.hpp"

namespace beacon_gateway::bench {

inline constexpr WallTime kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + std::chrono::hours{3};
inline constexpr std::uint32_t kTokenPeriodSeconds = 900;
inline constexpr Uuid kTokenService{0x77, 0x01};

// Codes of a rotating identity that may be heard at kNow. In the last quarter of a rotation one more is in the table.
inline constexpr int kLiveCodes = 3;

// Octets that look random and are the same for the same number.
void fill(std::span<std::uint8_t> room, std::uint64_t number);

// A way to be recognised: what the profile of a number holds, and what its device sends at kNow.
struct Kind {
  std::string_view name;
  ProfileIdentifier (*identifier)(std::uint32_t number);
  Advertisement (*advertisement)(std::uint32_t number);
  double entries = 1;   // of a table, for each profile
  bool tokens = false;  // among what is sent
};
[[nodiscard]] std::span<const Kind> kinds();
[[nodiscard]] const Kind& kind(std::string_view name);

// `number` counts from 0; so does nobody's, from kStrangers on.
inline constexpr std::uint32_t kStrangers = 1U << 28U;
[[nodiscard]] Identity identity(const Kind& kind, std::uint32_t number);

}  // namespace beacon_gateway::bench
