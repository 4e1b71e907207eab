#include "messages/reply_json.hpp"

#include <nlohmann/json.hpp>

namespace beacon_gateway {

std::string reply_json(const CommandReply& reply) {
  using Json = nlohmann::ordered_json;
  Json json{{"command", reply.command}};
  if (reply.version) json["version"] = *reply.version;
  json["ok"] = !reply.refusal;
  if (reply.refusal) json["error"] = name(*reply.refusal);
  if (!reply.detail.empty()) json["detail"] = reply.detail;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace beacon_gateway
