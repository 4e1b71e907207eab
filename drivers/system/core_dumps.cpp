#include "drivers/system/core_dumps.hpp"

#include <sys/resource.h>

#include <cerrno>
#include <system_error>

namespace beacon_gateway::system {

void forbid_core_dumps() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) throw std::system_error(errno, std::generic_category(), "setrlimit");
}

}  // namespace beacon_gateway::system
