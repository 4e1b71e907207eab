#include "core/broker_url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace beacon_gateway {
namespace {

struct Scheme {
  std::string_view prefix;
  bool encrypted;
  std::uint16_t port;
};
constexpr std::array kSchemes{Scheme{"mqtts://", true, 8883}, Scheme{"mqtt://", false, 1883}};

bool is_host(std::string_view host) {
  const bool numeric = host.starts_with('[') && host.ends_with(']');
  const std::string_view allowed = numeric ? "[]:.%" : ".-_";
  return !host.empty() && host != "[]" && std::ranges::all_of(host, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           allowed.find(c) != std::string_view::npos;
  });
}

// "127." and three numbers of 0..255: a name like 127.0.0.1.example is no loopback.
bool is_loopback_v4(std::string_view host) {
  int parts = 0;
  while (true) {
    const std::size_t dot = host.find('.');
    const std::string_view part = host.substr(0, dot);
    unsigned value = 0;
    const auto [end, fault] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (fault != std::errc{} || end != part.data() + part.size() || value > 255) return false;
    if (parts == 0 && value != 127) return false;
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    host.remove_prefix(dot + 1);
  }
}

}  // namespace

tl::expected<BrokerUrl, BrokerUrlFault> parse_broker_url(std::string_view text) {
  const auto scheme = std::ranges::find_if(kSchemes, [&](const Scheme& one) { return text.starts_with(one.prefix); });
  if (scheme == kSchemes.end()) return tl::unexpected(BrokerUrlFault::no_url);
  std::string_view rest = text.substr(scheme->prefix.size());
  if (rest.find('@') != std::string_view::npos) return tl::unexpected(BrokerUrlFault::password);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  BrokerUrl url{scheme->encrypted, std::string{rest}, scheme->port};
  const std::size_t bracket = rest.rfind(']');
  const std::size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    const std::string_view port = rest.substr(colon + 1);
    const auto [end, fault] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (fault != std::errc{} || end != port.data() + port.size() || url.port == 0)
      return tl::unexpected(BrokerUrlFault::port);
    url.host = rest.substr(0, colon);
  }
  if (!is_host(url.host)) return tl::unexpected(BrokerUrlFault::no_url);
  return url;
}

bool is_loopback(const BrokerUrl& url) {
  return url.host == "localhost" || url.host == "[::1]" || is_loopback_v4(url.host);
}

}  // namespace beacon_gateway
