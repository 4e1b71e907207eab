#include "drivers/system/credential.hpp"

#include <cstdlib>

namespace beacon_gateway::system {

std::optional<std::filesystem::path> credential(const std::string& name) {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr) return std::nullopt;
  const std::filesystem::path file = std::filesystem::path{directory} / name;
  std::error_code ignored;  // one that cannot be looked at is not there
  return std::filesystem::exists(file, ignored) ? std::optional{file} : std::nullopt;
}

}  // namespace beacon_gateway::system
