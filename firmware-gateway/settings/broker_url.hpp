// "mqtts://host:port" and whether it stays on this machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "settings/problem.hpp"

namespace beacon_gateway {

struct BrokerUrl {
  bool encrypted = true;
  std::string host;
  std::uint16_t port = 8883;  // IANA: 8883 mqtts, 1883 mqtt
};

[[nodiscard]] Parsed<BrokerUrl> parse_broker_url(std::string_view text);

// localhost, 127.0.0.0/8 (RFC 1122, 3.2.1.3) or [::1].
[[nodiscard]] bool is_loopback(const BrokerUrl& url);

}  // namespace beacon_gateway
