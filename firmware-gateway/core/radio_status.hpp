// How the radio fares, as numbers and words for `status`: nothing about any device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/advertisement.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

// How a scanner listens. With a monitor the controller passes every packet on; with discovery alone most controllers
// pass one packet a device and scan period (measured: drivers/bluez/README.md).
enum class ScanMode : std::uint8_t { none, discovery_only, monitor };

// What really comes, by the gaps between packets of one device; unknown until enough of them were heard.
enum class PacketShare : std::uint8_t { unknown, once_a_scan, every_packet };

// How often a scan is started anew where packets are filtered: three of each device within the ten seconds in which
// three sightings start a visit (contract 3.7).
inline constexpr Duration kFilteredScanPeriod = std::chrono::seconds{3};

struct ScannerStatus {
  ScannerIndex scanner = 0;
  ScanMode mode = ScanMode::none;
  PacketShare hears = PacketShare::unknown;
  std::string state;           // for people: "scanning", or why it does not
  bool alarm = false;          // all that the gateway can do was in vain
  std::optional<bool> canary;  // heard lately, or missing; nothing: none was ever heard by this scanner
  std::optional<double> advertisements_a_second;  // of late; nothing in the first seconds, when nobody has counted yet
  // Since the start: what was done to hear again.
  std::uint64_t scan_starts = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t power_cycles = 0;
  std::uint64_t power_ons = 0;
  std::uint64_t calls_for_help = 0;
  std::uint64_t held_back = 0;  // beyond the bound per hour
};

// One wake-up beacon of ours.
struct BeaconStatus {
  std::string adapter;        // as configured
  std::string name;           // "iBeacon 5a4bcfce-… 12/1"
  bool on_air = false;        // BlueZ says so
  std::string state;          // for people: "on the air", or why not
  std::optional<bool> heard;  // by another adapter of this box, lately; nothing: there is none that could
  // Since the start.
  std::uint64_t refusals = 0;  // BlueZ did not take it
  std::uint64_t releases = 0;  // BlueZ let go of it
  std::uint64_t yields = 0;    // taken off the air, as the scan of the same adapter was in trouble
};

struct RadioStatus {
  std::vector<ScannerStatus> scanners;
  std::vector<BeaconStatus> beacons;
  std::uint64_t odd_messages = 0;       // of another form than documented, and passed over
  std::uint64_t foreign_messages = 0;   // not from who they should be from
  std::uint64_t devices_not_asked = 0;  // advertisements lost because too many devices were new at once
};

}  // namespace beacon_gateway
