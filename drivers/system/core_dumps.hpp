// Keeps the memory of the process off the disk when it crashes: it holds profiles and keys.
#pragma once

namespace beacon_gateway::system {

// No core file from here on, whoever started us (setrlimit(2), RLIMIT_CORE); systemd-coredump keeps to the limit, too.
// Throws std::system_error.
void forbid_core_dumps();

}  // namespace beacon_gateway::system
