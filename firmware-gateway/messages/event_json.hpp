// Event -> CloudEvents 1.0 structured JSON (contract 3.3), one line, keys always in the same order.
#pragma once

#include <cstdint>
#include <string>

#include "core/event.hpp"
#include "core/gateway_name.hpp"

namespace beacon_gateway {

struct EnvelopeFacts {
  GatewayName name;
  std::int64_t sequence = 0;
  bool replayed = false;
};

[[nodiscard]] std::string event_to_json(const Event& event, const EnvelopeFacts& facts);

}  // namespace beacon_gateway
