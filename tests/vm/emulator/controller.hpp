// A Bluetooth LE controller that scans: HCI commands in, HCI events out, with the faults of real ones as knobs. Pure:
// no file, no clock. It answers what Linux and bluetoothd ask to power up, to scan and to advertise (advertiser.hpp),
// and refuses connections.
//
// Packets are H4: type, then the packet (Core 5.4, Vol 4 Part A, 2). Commands, events and their numbers: Vol 4 Part
// E, 7.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "tests/vm/emulator/advertiser.hpp"

namespace beacon_gateway_vm {

using Packets = std::vector<Octets>;

// What a controller that was told to filter duplicates remembers until its scan starts anew. Most real ones go by
// address.
enum class DuplicateFilter : std::uint8_t { off, by_address, by_data };

enum class AdvertisingKind : std::uint8_t { connectable, scannable, non_connectable };

// One packet on the air, and the answer of its sender to an active scan.
struct AirPacket {
  AdvertisingKind kind = AdvertisingKind::non_connectable;
  bool random_address = true;
  std::array<std::uint8_t, 6> address{};  // most significant octet first
  std::int8_t rssi_dbm = 0;
  Octets data;
  Octets scan_response;
};

struct ControllerCounts {
  std::uint64_t on_air = 0;    // packets that came by; each is one of the three below
  std::uint64_t reported = 0;  // told to the host; scan responses are not counted
  std::uint64_t filtered = 0;  // as duplicates
  std::uint64_t unheard = 0;   // no scan was on
  std::uint64_t scan_starts = 0;
  std::uint64_t commands = 0;
  std::uint64_t unknown_commands = 0;  // answered with success
};

class Controller {
 public:
  // `number` makes its address, 00:AA:01:00:00:NUMBER+1. Extended: Bluetooth 5's commands and reports.
  Controller(std::uint8_t number, DuplicateFilter filter, bool extended)
      : number_(number), filter_(filter), extended_(extended) {}

  [[nodiscard]] Packets command(std::span<const std::uint8_t> packet);
  [[nodiscard]] Packets hear(const AirPacket& packet);
  [[nodiscard]] static Octets hardware_error();

  // Knobs.
  void hang(bool on) { hangs_ = on; }                       // answers no command; goes on reporting
  void refuse(std::uint16_t opcode, std::uint8_t status) {  // 0: no more
    refused_[opcode] = status;
  }

  [[nodiscard]] const ControllerCounts& counts() const { return counts_; }
  [[nodiscard]] bool scanning() const { return scanning_; }
  [[nodiscard]] bool active() const { return active_; }
  [[nodiscard]] bool filtering() const { return filtering_; }
  [[nodiscard]] const Advertiser& advertiser() const { return advertiser_; }

 private:
  [[nodiscard]] Octets answer(std::uint16_t opcode, std::span<const std::uint8_t> parameters);
  void enable_scan(bool on, bool filtering, bool with_extended_reports);
  [[nodiscard]] bool duplicate(const AirPacket& packet);
  [[nodiscard]] Octets report(const AirPacket& packet, bool response) const;

  std::uint8_t number_;
  DuplicateFilter filter_;
  bool extended_;
  bool hangs_ = false;
  std::map<std::uint16_t, std::uint8_t> refused_;

  bool scanning_ = false;
  bool active_ = false;
  bool filtering_ = false;
  bool extended_reports_ = false;
  std::set<Octets> heard_;  // since the scan was started
  Advertiser advertiser_;
  ControllerCounts counts_;
};

}  // namespace beacon_gateway_vm
