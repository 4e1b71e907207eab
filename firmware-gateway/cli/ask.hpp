// The commands that ask the gateway: of the running daemon, or, for what the store alone can tell, of the store.
#pragma once

#include <filesystem>
#include <iosfwd>

#include "cli/edges.hpp"
#include "messages/control_json.hpp"

namespace beacon_gateway {

// Prints the answer; returns the exit status.
[[nodiscard]] int ask(const std::filesystem::path& configuration, const ControlQuestion& question, const Edges& edges,
                      std::ostream& out, std::ostream& err);

// `profiles import FILE`: the same, with the file's content in the question.
[[nodiscard]] int import_profiles(const std::filesystem::path& configuration, const std::filesystem::path& file,
                                  ControlQuestion question, const Edges& edges, std::ostream& out, std::ostream& err);

}  // namespace beacon_gateway
