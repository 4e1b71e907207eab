// What stands between the gateway and its Bluetooth adapters, as `doctor` and `record` find it: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace beacon_gateway {

// Whether an adapter will hear every packet through an AdvertisementMonitor (drivers/bluez/README.md).
enum class MonitorSupport : std::uint8_t {
  absent,           // bluetoothd does not offer the interface: it runs without -E
  unknown_version,  // offered, but not used: it might crash this BlueZ
  crashes,          // offered, but not used: a long advertisement crashes this BlueZ
  safe,
};

struct BluetoothAdapter {
  std::string name;     // "hci0"
  std::string address;  // as BlueZ prints it
  bool powered = false;
  MonitorSupport monitors = MonitorSupport::absent;
  std::string bluez_version;  // "5.66"; empty: not known
};

// A switch of the kernel's that keeps a radio off.
struct RadioSwitch {
  std::string name;           // "hci0"
  bool soft_blocked = false;  // by `rfkill block`
  bool hard_blocked = false;  // by a switch of the box
};

struct BluetoothReport {
  std::string bus_trouble;  // why the system bus cannot be reached; empty: it can
  bool bluetoothd_runs = false;
  std::string bluez_trouble;  // why bluetoothd does not tell of its adapters; empty: it does
  std::vector<BluetoothAdapter> adapters;
  std::vector<RadioSwitch> switches;
};

}  // namespace beacon_gateway
