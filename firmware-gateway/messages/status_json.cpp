#include "messages/status_json.hpp"

#include <nlohmann/json.hpp>

namespace beacon_gateway {

std::string status_json(const GatewayStatus& status) {
  const nlohmann::ordered_json json = {{"online", status.online},
                                       {"version", status.version},
                                       {"session", status.session},
                                       {"since", status.since},
                                       {"configuration", status.configuration}};
  return json.dump();
}

}  // namespace beacon_gateway
