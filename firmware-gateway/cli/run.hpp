// `run`: the daemon.
#pragma once

#include <filesystem>
#include <iosfwd>

#include "cli/edges.hpp"

namespace beacon_gateway {

struct RunOptions {
  std::filesystem::path configuration;
  bool exit_at_end = false;
};

// Until a signal ends it. Throws what only a restart can mend (a store that fails).
[[nodiscard]] int run(const RunOptions& options, const Edges& edges, std::ostream& err);

}  // namespace beacon_gateway
