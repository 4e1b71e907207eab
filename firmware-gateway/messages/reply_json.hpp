// The answer to a command as JSON (topic `reply`, contract 3.4; config/contract/schemas/reply.schema.json).
#pragma once

#include <string>

#include "core/command.hpp"

namespace beacon_gateway {

// {"command":"erase","ok":true}, {"command":"campaigns","version":7,"ok":true}, or
// {"command":…,"ok":false,"error":"rate_limited","detail":"…"}
[[nodiscard]] std::string reply_json(const CommandReply& reply);

}  // namespace beacon_gateway
