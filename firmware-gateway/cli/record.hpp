// `beacon-gateway record CAPTURE`: what the scanners hear, as a btsnoop capture that `replay` and `btmon -r` read
// (contract 3.1). Only devices of known shoppers and test tags, unless all is asked for. Hears beside a running daemon,
// as `scan` does.
//
// For operators: the daemon gives leave, and where none runs, root, a member of the operators' group or who owns the
// store may. Each use leaves an audit line.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>

#include "cli/edges.hpp"

namespace beacon_gateway {

struct RecordOptions {
  std::filesystem::path configuration;
  std::filesystem::path capture;     // is made, for its owner alone; never overwritten
  std::optional<Duration> how_long;  // none: until a signal, or the captures' end
  bool all = false;                  // strangers too
  std::optional<std::filesystem::path> profiles;
  bool redraws = false;  // `err` is a terminal, on which progress is written over
};

// Progress and outcome on `err`. Exit status 1 also where nothing was written.
[[nodiscard]] int record(const RecordOptions& options, const Edges& edges, std::ostream& err);

}  // namespace beacon_gateway
