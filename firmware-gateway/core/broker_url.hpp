// The broker's address as the configuration writes it: mqtts://HOST[:PORT] or mqtt://HOST[:PORT].
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace beacon_gateway {

struct BrokerUrl {
  bool encrypted = true;
  std::string host;           // name or address; an IPv6 address keeps its brackets
  std::uint16_t port = 8883;  // IANA: 8883 secure-mqtt, 1883 mqtt
};

enum class BrokerUrlFault : std::uint8_t { no_url, password, port };

[[nodiscard]] tl::expected<BrokerUrl, BrokerUrlFault> parse_broker_url(std::string_view text);

// Whether it stays on this machine: localhost, 127.0.0.0/8 (RFC 1122, 3.2.1.3) or [::1].
[[nodiscard]] bool is_loopback(const BrokerUrl& url);

}  // namespace beacon_gateway
