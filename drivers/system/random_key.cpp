#include "drivers/system/random_key.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace beacon_gateway::system {

Key128 random_key() {
  Key128 key{};
  // Up to 256 octets come whole or not at all (getrandom(2)).
  if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size()))
    throw std::system_error(errno, std::generic_category(), "getrandom");
  return key;
}

}  // namespace beacon_gateway::system
