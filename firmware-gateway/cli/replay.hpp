// `replay`: the whole gateway over captures, on their own clock, as fast as it can (contract 3.6).
#pragma once

#include <chrono>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <vector>

#include "cli/edges.hpp"

namespace beacon_gateway {

struct ReplayOptions {
  std::filesystem::path configuration;
  std::vector<std::filesystem::path> captures;
  std::optional<std::filesystem::path> profiles;
  std::optional<std::filesystem::path> store;
  bool publish = false;
  bool yes_to_real_broker = false;
  std::chrono::seconds timeout{60};
};

// One event a line on `out` and nothing else there. Returns the exit status.
[[nodiscard]] int replay(const ReplayOptions& options, const Edges& edges, std::ostream& out, std::ostream& err);

}  // namespace beacon_gateway
