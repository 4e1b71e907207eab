// Which gateway this is: part of every topic and of every event's source and id.
#pragma once

#include <string>

namespace beacon_gateway {

// Each [a-z0-9-]{1,32}.
struct GatewayName {
  std::string tenant;
  std::string store;
  std::string id;
};

}  // namespace beacon_gateway
