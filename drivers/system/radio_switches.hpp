// The kernel's switches that keep Bluetooth radios off (rfkill), from sysfs.
#pragma once

#include <filesystem>
#include <vector>

#include "core/bluetooth_report.hpp"

namespace beacon_gateway::system {

// Linux, Documentation/ABI/stable/sysfs-class-rfkill: `type`, `name`, `soft`, `hard` of each. None where there is no
// such folder.
[[nodiscard]] std::vector<RadioSwitch> bluetooth_switches(const std::filesystem::path& sysfs = "/sys/class/rfkill");

}  // namespace beacon_gateway::system
