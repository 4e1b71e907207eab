// Where the chance of a test comes from: BEACON_GATEWAY_SEED, else the clock. What fails prints it, and with it the
// test does the same again.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace beacon_gateway_test {

inline std::uint64_t seed() {
  static const std::uint64_t value = [] {
    const char* given = std::getenv("BEACON_GATEWAY_SEED");
    return given != nullptr ? std::stoull(given)
                            : static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  }();
  return value;
}

// How often: a few times every day, as often as the promise says in the slow form (BEACON_GATEWAY_SLOW).
inline bool is_slow_form() {
  return std::getenv("BEACON_GATEWAY_SLOW") != nullptr;
}
inline int rounds(int daily, int slow) {
  return is_slow_form() ? slow : daily;
}

}  // namespace beacon_gateway_test
