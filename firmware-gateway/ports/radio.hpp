// What we ask of a radio: tell what it hears.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/advertisement.hpp"

namespace beacon_gateway {

// How a scanner listens. With a monitor the controller passes every packet on; with discovery alone most controllers
// pass one packet a device and scan period (reference of the measurement: drivers/bluez/README.md).
enum class ScanMode : std::uint8_t { none, discovery_only, monitor };

// What really comes, by the gaps between packets of one device; unknown until enough of them were heard.
enum class PacketShare : std::uint8_t { unknown, once_a_scan, every_packet };

struct ScannerStatus {
  ScannerIndex scanner = 0;
  ScanMode mode = ScanMode::none;
  PacketShare hears = PacketShare::unknown;
  std::string state;                  // for people: "scanning", or why it does not
  bool alarm = false;                 // all that the gateway can do was in vain
  double advertisements_a_second = 0;  // since the status before
  // Since the start: what was done to hear again.
  std::uint64_t scan_starts = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t power_cycles = 0;
  std::uint64_t power_ons = 0;
  std::uint64_t calls_for_help = 0;
  std::uint64_t held_back = 0;  // beyond the bound per hour
};

struct RadioStatus {
  std::vector<ScannerStatus> scanners;
  std::uint64_t odd_messages = 0;       // of another form than documented, and passed over
  std::uint64_t foreign_messages = 0;   // not from who they should be from
  std::uint64_t devices_not_asked = 0;  // advertisements lost because too many devices were new at once
};

// Where a radio puts what it has to say. Called on the radio's own thread; must not block for long and never throws.
// `heard` answers false when the gateway is stopping: the radio then ends.
struct RadioListener {
  std::function<bool(const Advertisement&)> heard;
  std::function<void()> finished;                      // a capture's end; never from a real radio
  std::function<void(const std::string& why)> failed;  // the radio cannot go on; the rest of the gateway can
  std::function<void(const RadioStatus&)> status = {};  // on every change of state, and regularly; of real radios only
};

class Radio {
 public:
  virtual ~Radio() = default;

  // Starts the radio's thread. At most once.
  virtual void start(RadioListener listener) = 0;

  // Ends and joins the thread; nothing is heard after it returns. Safe before start and twice.
  virtual void stop() = 0;
};

}  // namespace beacon_gateway
