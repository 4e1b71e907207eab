#include "drivers/mqtt/broker_url.hpp"

#include <algorithm>
#include <charconv>

namespace beacon_gateway::mqtt {

namespace {

constexpr std::uint16_t kMqttPort = 1883;
constexpr std::uint16_t kSecureMqttPort = 8883;

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// Where the host ends: behind the brackets of an IPv6 address, else before the first colon.
std::size_t host_length(std::string_view text) {
  if (!text.starts_with('[')) return std::min(text.find(':'), text.size());
  const std::size_t bracket = text.find(']');
  return bracket == std::string_view::npos ? 0 : bracket + 1;
}

}  // namespace

std::optional<BrokerUrl> parse_broker_url(std::string_view text) {
  BrokerUrl url;
  if (take(text, "mqtts://")) {
    url.tls = true;
  } else if (!take(text, "mqtt://")) {
    return std::nullopt;
  }
  if (text.find_first_of("/@?# \t\r\n") != std::string_view::npos) return std::nullopt;

  url.host = text.substr(0, host_length(text));
  text.remove_prefix(url.host.size());
  if (url.host.empty() || url.host == "[]") return std::nullopt;

  url.port = url.tls ? kSecureMqttPort : kMqttPort;
  if (text.empty()) return url;
  if (!take(text, ":")) return std::nullopt;
  const auto port = parse_port(text);
  if (!port) return std::nullopt;
  url.port = *port;
  return url;
}

}  // namespace beacon_gateway::mqtt
