// The retained status of a gateway as JSON (contract 3.4): what it says of itself, and the will that speaks for it.
#pragma once

#include <string>

namespace beacon_gateway {

struct GatewayStatus {
  bool online = false;
  std::string version;        // of the program
  std::string session;        // tells one start of the daemon from the next
  std::string since;          // when that session began: UTC, YYYY-MM-DDThh:mm:ss.sssZ
  std::string configuration;  // hash of the configuration in force
};

// {"online":…,"version":…,"session":…,"since":…,"configuration":…}, in this order, without spaces.
[[nodiscard]] std::string status_json(const GatewayStatus& status);

}  // namespace beacon_gateway
