#include "drivers/system/help_request.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace beacon_gateway::system {

bool ask_for_radio_help(const std::string& adapter) {
  const char* directory = std::getenv("RUNTIME_DIRECTORY");
  if (directory == nullptr) return false;
  std::ofstream file{std::filesystem::path{directory} / "radio-help", std::ios::trunc};
  file << adapter << '\n';
  return static_cast<bool>(file.flush());
}

}  // namespace beacon_gateway::system
