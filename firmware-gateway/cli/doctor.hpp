// `beacon-gateway doctor`: looks at the whole site, from the configuration to the broker, and says what is wrong, why,
// and what to do (contract 3.1). Changes nothing, and takes nothing from a running daemon: what the daemon knows it is
// asked; only where none runs does doctor listen and log in itself.
#pragma once

#include <filesystem>
#include <iosfwd>

#include "cli/edges.hpp"
#include "cli/language.hpp"

namespace beacon_gateway {

struct DoctorOptions {
  std::filesystem::path configuration;
  Duration listen = std::chrono::seconds{10};  // where no daemon runs; a beacon sends at least once a second
  Language language = Language::en;
  bool json = false;
};

// The findings on `out`; on `err` what is being waited for. Exit status 1 if one is a fault.
[[nodiscard]] int doctor(const DoctorOptions& options, const Edges& edges, std::ostream& out, std::ostream& err);

}  // namespace beacon_gateway
