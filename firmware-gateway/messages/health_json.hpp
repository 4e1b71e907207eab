// Health as JSON (topic `health`, contract 3.4).
#pragma once

#include <string>

#include "core/health.hpp"

namespace beacon_gateway {

[[nodiscard]] std::string health_json(const Health& health);

}  // namespace beacon_gateway
