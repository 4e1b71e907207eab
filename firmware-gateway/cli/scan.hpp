// `beacon-gateway scan`: what the scanners hear, now (contract 3.1). Keeps nothing on disk.
//
// On a terminal the table is drawn anew each second; else it is printed once, at the end. It hears beside a running
// daemon: BlueZ serves several clients, and each hears everything. The daemon is only asked whose the devices are,
// which is for operators; for everybody else KNOWN is "?".
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>

#include "cli/edges.hpp"

namespace beacon_gateway {

struct ScanOptions {
  std::filesystem::path configuration;
  std::optional<Duration> how_long;  // none: until a signal, or the captures' end
  bool all = false;                  // unknown devices in clear
  bool json = false;                 // an object a line, at the end
  std::optional<std::filesystem::path> profiles;
};

// The screen to draw on. Rows: 0 for one that is not drawn on anew.
struct Screen {
  std::size_t rows = 0;
};
[[nodiscard]] Screen standard_screen();

// Exit status 1 also where nothing at all was heard.
[[nodiscard]] int scan(const ScanOptions& options, const Edges& edges, const Screen& screen, std::ostream& out,
                       std::ostream& err);

}  // namespace beacon_gateway
