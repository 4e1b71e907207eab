// How the scanners fare, for people: two lines a scanner; empty without one.
#pragma once

#include <string>

#include "core/presence/shop.hpp"
#include "core/radio_status.hpp"

namespace beacon_gateway {

[[nodiscard]] std::string radio_status_text(const RadioStatus& status, const Shop& shop);

}  // namespace beacon_gateway
