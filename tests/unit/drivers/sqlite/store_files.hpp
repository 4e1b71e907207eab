// What lies on disk, octet by octet.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace beacon_gateway_test {

// The files of the folder in which `text` stands anywhere, the write-ahead log included: their names, in one line.
inline std::string files_with(const std::filesystem::path& folder, const std::string& text) {
  std::string names;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    std::ifstream stream{entry.path(), std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{stream}, {}};
    if (content.find(text) != std::string::npos) names += entry.path().filename().string() + ' ';
  }
  return names;
}

}  // namespace beacon_gateway_test
