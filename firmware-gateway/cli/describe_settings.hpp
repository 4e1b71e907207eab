// A configuration in plain sentences, one page: what the gateway would do.
#pragma once

#include <string>

#include "settings/settings.hpp"

namespace beacon_gateway {

[[nodiscard]] std::string described(const Settings& settings);

}  // namespace beacon_gateway
