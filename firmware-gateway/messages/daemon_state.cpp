#include "messages/daemon_state.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace beacon_gateway {
namespace {

ScanMode mode_from(const std::string& word) {
  return word == "monitor" ? ScanMode::monitor : word == "discovery_only" ? ScanMode::discovery_only : ScanMode::none;
}

PacketShare share_from(const std::string& word) {
  if (word == "every_packet") return PacketShare::every_packet;
  return word == "once_a_scan" ? PacketShare::once_a_scan : PacketShare::unknown;
}

}  // namespace

std::optional<DaemonState> daemon_state_from_json(std::string_view text, const Shop& shop) {
  try {
    const auto json = nlohmann::json::parse(text);
    DaemonState state;
    state.paused = json.value("paused", false);
    state.lease_over = json.value("lease_over", false);
    state.identifiers = json.value("identifiers", std::size_t{0});
    state.broker = json.value("broker", std::string{});
    const auto campaigns = json.value("campaigns", nlohmann::json::object());
    if (campaigns.value("of", std::string{}) == "orchestrator")
      state.orchestrator_set = {campaigns.value("version", std::int64_t{0}), campaigns.value("count", std::size_t{0}),
                                campaigns.value("fits", true)};
    for (const auto& one : json.value("scanners", nlohmann::json::array())) {
      const auto scanner = std::ranges::find(shop.scanners, one.value("adapter", std::string{}), &Scanner::adapter);
      if (scanner == shop.scanners.end()) continue;
      ScannerStatus& status = state.radio.scanners.emplace_back();
      status.scanner = static_cast<ScannerIndex>(scanner - shop.scanners.begin());
      status.mode = mode_from(one.value("mode", std::string{}));
      status.hears = share_from(one.value("hears", std::string{}));
      status.state = one.value("state", std::string{});
      status.alarm = one.value("alarm", false);
      if (const auto rate = one.find("advertisements_a_second"); rate != one.end() && !rate->is_null())
        status.advertisements_a_second = rate->get<double>();
    }
    return state;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;  // the caller says so
  }
}

}  // namespace beacon_gateway
