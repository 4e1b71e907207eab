// Chance that comes again: the same numbers from the same seed on every machine and with every standard library, whose
// distributions differ. SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
#pragma once

#include <cstdint>

#include "core/time.hpp"

namespace beacon_gateway_test {

// What the numbers are for: who walks must not depend on which faults there are, nor when one kind of them comes on
// another.
enum class DiceFor : std::uint64_t {
  shop,
  walks,
  orchestrator,
  broker,
  deaths,
  link,
  profiles,
  clock,
  operators,
  stores,        // in memory or in files
  clock_source,  // the machine's or a capture's
  receipts,
};

class Dice {
 public:
  Dice(std::uint64_t seed, DiceFor purpose) : state_(seed * kStep + static_cast<std::uint64_t>(purpose)) {
    for (int i = 0; i < 3; ++i) state_ = roll();  // neighbouring seeds have nothing in common
  }

  std::uint64_t roll() {
    std::uint64_t mixed = state_ += kStep;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31U);
  }

  // Both ends included. The bias of the remainder is below 2^-32 for all ranges used.
  int between(int least, int most) {
    return least + static_cast<int>(roll() % static_cast<std::uint64_t>(most - least + 1));
  }
  beacon_gateway::Duration between(beacon_gateway::Duration least, beacon_gateway::Duration most) {
    const auto range = static_cast<std::uint64_t>((most - least).count() + 1);
    return least + beacon_gateway::Duration{static_cast<std::int64_t>(roll() % range)};
  }
  bool percent(int chance) { return between(1, 100) <= chance; }

 private:
  static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15U;
  std::uint64_t state_;
};

}  // namespace beacon_gateway_test
