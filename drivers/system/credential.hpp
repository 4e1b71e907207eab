// Credentials that systemd hands to the service (LoadCredential=, systemd.exec(5)): files in $CREDENTIALS_DIRECTORY
// that nobody else can read. They are copied when the service starts: a new one needs a restart.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace beacon_gateway::system {

// Where the credential of that name is. Absent: the service was given none.
[[nodiscard]] std::optional<std::filesystem::path> credential(const std::string& name);

}  // namespace beacon_gateway::system
