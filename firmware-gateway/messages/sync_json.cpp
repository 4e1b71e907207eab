#include "messages/sync_json.hpp"

#include <fmt/format.h>

namespace beacon_gateway {

std::string sync_json(std::int64_t have_revision) {
  return fmt::format(R"({{"have_revision":{}}})", have_revision);
}

}  // namespace beacon_gateway
