// A key that nobody can guess.
#pragma once

#include "core/profile.hpp"

namespace beacon_gateway::system {

// getrandom(2). Throws std::system_error where the kernel has none to give.
[[nodiscard]] Key128 random_key();

}  // namespace beacon_gateway::system
