// `walk-test`: from a technician's walk with a test tag, live or recorded, to a proposal for calibration.toml
// (contract 3.1). Never writes a file.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "cli/edges.hpp"
#include "cli/language.hpp"
#include "cli/walk_live.hpp"

namespace beacon_gateway {

struct WalkTestOptions {
  std::filesystem::path configuration;
  std::string tag;                              // the tag's shopper_id
  std::vector<std::filesystem::path> captures;  // none: live
  std::optional<std::filesystem::path> marks;   // of the captures
  std::optional<std::filesystem::path> profiles;
  Language language = Language::en;
};

// The file on `out`, all that is said to the technician on `err`. Returns the exit status: 1 when a place was heard too
// little, and then nothing is on `out`.
[[nodiscard]] int walk_test(const WalkTestOptions& options, const Edges& edges, const Terminal& terminal,
                            std::ostream& out, std::ostream& err);

}  // namespace beacon_gateway
