// `beacon-gateway check`: all faults of a configuration, and what the gateway would do with it (contract 3.1).
// Reads only; nothing is written but `out` and `err`.
#pragma once

#include <filesystem>
#include <iosfwd>

#include "cli/edges.hpp"

namespace beacon_gateway {

// Prints every fault to `err`, then, if none is an error, one page of plain sentences to `out`. With `json`, every
// fault is an object a line on `out`, the last line counts them, and `err` stays empty. Answers the exit status: 0, or
// 78 (EX_CONFIG of sysexits.h) on any error.
[[nodiscard]] int check(const std::filesystem::path& directory, const Edges& edges, std::ostream& out,
                        std::ostream& err, bool json);

}  // namespace beacon_gateway
