// Whether an identity can be copied by whoever heard it once.
#pragma once

#include <cstdint>
#include <string_view>

namespace beacon_gateway {

enum class Assurance : std::uint8_t { fixed, rotating };

// As on the wire: "static" (a C++ keyword, hence `fixed` above) or "rotating".
[[nodiscard]] constexpr std::string_view name(Assurance assurance) noexcept {
  return assurance == Assurance::rotating ? "rotating" : "static";
}

}  // namespace beacon_gateway
