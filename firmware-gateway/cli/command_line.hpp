// The command line (contract 3.1): reads it, runs the command, returns the exit status.
#pragma once

#include "cli/edges.hpp"

namespace beacon_gateway {

[[nodiscard]] int run_command_line(int argument_count, const char* const* arguments, const Edges& edges);

}  // namespace beacon_gateway
