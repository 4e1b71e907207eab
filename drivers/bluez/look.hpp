// One look at the bus, bluetoothd and its adapters, for people who want to know why nothing is heard, and for a
// recording that must name the adapters. Asks and changes nothing; starts no bluetoothd.
#pragma once

#include <chrono>

#include "core/bluetooth_report.hpp"

namespace beacon_gateway::bluez {

// Waits for answers, so long at most; `switches` is left empty. What goes wrong is in the report, as sentences.
[[nodiscard]] BluetoothReport look_at_bluez(std::chrono::milliseconds patience = std::chrono::seconds{5});

}  // namespace beacon_gateway::bluez
