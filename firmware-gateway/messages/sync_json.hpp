// Which revision of the profiles the gateway holds, as JSON (topic `sync`, contract 3.4).
#pragma once

#include <cstdint>
#include <string>

namespace beacon_gateway {

// {"have_revision":N}
[[nodiscard]] std::string sync_json(std::int64_t have_revision);

}  // namespace beacon_gateway
