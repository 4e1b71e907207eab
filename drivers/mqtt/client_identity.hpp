// Which client id the gateway connects with (contract 3.4): its certificate's name, else TENANT.STORE.GATEWAY.
// A certificate names one box, so that two boxes with copied configurations do not throw each other out unnoticed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/gateway_name.hpp"

namespace beacon_gateway::mqtt {

// The common name of the first certificate of a PEM file. Absent: no such file, no certificate in it, or no name.
[[nodiscard]] std::optional<std::string> certificate_name(const std::filesystem::path& pem);

[[nodiscard]] std::string default_client_id(const GatewayName& name);

}  // namespace beacon_gateway::mqtt
