#include "messages/radio_status_json.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

namespace beacon_gateway {
namespace {

const char* word(ScanMode mode) {
  switch (mode) {
    case ScanMode::none:
      return "none";
    case ScanMode::discovery_only:
      return "discovery_only";
    case ScanMode::monitor:
      return "monitor";
  }
  return "none";
}

const char* word(PacketShare hears) {
  switch (hears) {
    case PacketShare::unknown:
      return "unknown";
    case PacketShare::once_a_scan:
      return "once_a_scan";
    case PacketShare::every_packet:
      return "every_packet";
  }
  return "unknown";
}

double rounded(double rate) {
  return std::round(10 * rate) / 10;
}

}  // namespace

std::string radio_status_json(const RadioStatus& status, const Shop& shop) {
  auto scanners = nlohmann::ordered_json::array();
  for (const ScannerStatus& one : status.scanners) {
    if (one.scanner >= shop.scanners.size()) continue;
    const Scanner& scanner = shop.scanners[one.scanner];
    scanners.push_back(
        {{"adapter", scanner.adapter},
         {"zone", shop.zones[scanner.zone].id},
         {"mode", word(one.mode)},
         {"hears", word(one.hears)},
         {"state", one.state},
         {"alarm", one.alarm},
         {"canary", one.canary ? nlohmann::ordered_json(*one.canary) : nullptr},
         {"advertisements_a_second",
          one.advertisements_a_second ? nlohmann::ordered_json(rounded(*one.advertisements_a_second)) : nullptr},
         {"scan_starts", one.scan_starts},
         {"reconnects", one.reconnects},
         {"power_ons", one.power_ons},
         {"power_cycles", one.power_cycles},
         {"calls_for_help", one.calls_for_help},
         {"held_back", one.held_back}});
  }
  // What BlueZ or the bus says in `state` need not be UTF-8.
  return scanners.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string beacon_status_json(const RadioStatus& status) {
  auto beacons = nlohmann::ordered_json::array();
  for (const BeaconStatus& one : status.beacons)
    beacons.push_back({{"adapter", one.adapter},
                       {"beacon", one.name},
                       {"on_air", one.on_air},
                       {"state", one.state},
                       {"heard", one.heard ? nlohmann::ordered_json(*one.heard) : nullptr},
                       {"refusals", one.refusals},
                       {"releases", one.releases},
                       {"yields", one.yields}});
  return beacons.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace beacon_gateway
