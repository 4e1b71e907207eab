// The broker's address as the configuration writes it: mqtt://HOST[:PORT] or mqtts://HOST[:PORT].
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beacon_gateway::mqtt {

struct BrokerUrl {
  bool tls = false;
  std::string host;  // name or address; an IPv6 address keeps its brackets
  std::uint16_t port = 0;
};

// Absent: another scheme, no host, a port outside 1..65535, or anything after the port (a path, a user).
// Default ports are IANA's: 1883 mqtt, 8883 secure-mqtt.
[[nodiscard]] std::optional<BrokerUrl> parse_broker_url(std::string_view text);

}  // namespace beacon_gateway::mqtt
