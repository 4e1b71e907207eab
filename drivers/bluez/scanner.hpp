// One [[scanner]]: which adapter it wants, which it has, and how it fares. Outlives the connections to the bus.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "drivers/bluez/packet_share.hpp"
#include "drivers/bluez/recovery.hpp"
#include "drivers/bluez/registration.hpp"

namespace beacon_gateway::bluez {

struct ScannerState {
  ScannerIndex index = 0;
  std::string wanted;  // "hci0", or an address
  Recovery recovery;
  ShareMeter share;

  // Of the connection that stands; empty and false without one.
  std::string adapter_path;  // "/org/bluez/hci0"; empty: the adapter is not there
  bool powered = false;
  Registration monitor;                // of this adapter object
  std::optional<bool> monitor_usable;  // whether it may be asked for; nothing: there is none to judge yet
  bool monitor_active = false;
  unsigned attempt = 0;  // of starting to scan: answers to earlier ones are void
  MonotonicTime last_start{};

  std::optional<MonotonicTime> canary_at;  // when it was last heard

  std::string trouble;              // what BlueZ last refused; empty: nothing
  std::uint64_t heard_in_all = 0;   // advertisements
  std::uint64_t heard_at_last = 0;  // of them, at the last status

  void forget_monitor() {
    monitor.forget();
    monitor_usable.reset();
    monitor_active = false;
  }
  [[nodiscard]] std::optional<MonotonicTime> monitor_wake() const {
    return monitor_usable.value_or(false) ? monitor.wake() : std::nullopt;
  }
  [[nodiscard]] ScanMode mode() const {
    if (!recovery.scanning()) return ScanMode::none;
    return monitor_active ? ScanMode::monitor : ScanMode::discovery_only;
  }
  // When the scan is to start anew so that filtered packets come through; nothing: it need not, or cannot now. Without
  // a monitor most controllers filter: a lone shopper must not wait until enough was heard to prove it.
  [[nodiscard]] std::optional<MonotonicTime> next_rescan(Duration every) const {
    const bool filtered = !monitor_active && share.hears() != PacketShare::every_packet;
    return filtered && recovery.settled() ? std::optional{last_start + every} : std::nullopt;
  }
};

}  // namespace beacon_gateway::bluez
