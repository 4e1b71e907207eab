// A simulated day's shop: its settings, differing from seed to seed, and whom it knows in the morning.
#pragma once

#include <vector>

#include "settings/settings.hpp"
#include "tests/simulation/dice.hpp"

namespace beacon_gateway_test {

[[nodiscard]] beacon_gateway::Settings simulated_settings(std::uint64_t seed);

// The same shop after a reload: zones stand in another order and swap a threshold, so that nothing may go by number.
[[nodiscard]] beacon_gateway::Settings reloaded(beacon_gateway::Settings settings);

// `shoppers` customers, a member of staff, and two who claim one identifier.
[[nodiscard]] std::vector<beacon_gateway::Profile> known_in_the_morning(std::uint64_t seed, int shoppers);

}  // namespace beacon_gateway_test
