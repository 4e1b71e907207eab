// What lies on disk, octet by octet.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace beacon_gateway_test {

inline std::string octets_in(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  std::string octets(std::filesystem::file_size(file), '\0');
  stream.read(octets.data(), static_cast<std::streamsize>(octets.size()));
  return octets;
}

// The files of the folder in which `text` stands anywhere, the write-ahead log included: their names, in one line.
inline std::string files_with(const std::filesystem::path& folder, const std::string& text) {
  std::string names;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    if (octets_in(entry.path()).find(text) != std::string::npos) names += entry.path().filename().string() + ' ';
  return names;
}

// Octets as they may stand in a file: raw, in hexadecimal digits of both cases, in base64 (RFC 4648).
inline std::vector<std::string> forms_of(const std::string& octets) {
  std::string lower;
  std::string upper;
  std::string base64;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char one : octets) {
    const auto octet = static_cast<std::uint8_t>(one);
    for (const int digit : {octet >> 4, octet & 0x0F}) {
      lower += "0123456789abcdef"[digit];
      upper += "0123456789ABCDEF"[digit];
    }
    bits = bits << 8U | octet;
    for (held += 8; held >= 6; held -= 6)
      base64 += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[bits >> (held - 6) & 0x3FU];
  }
  return {octets, lower, upper, base64};  // the last two bits of base64 may be missing: what is found so is enough
}

// Which of `secrets`, in whatever form, stand in which files.
inline std::string leaks(const std::filesystem::path& folder, const std::vector<std::string>& secrets) {
  std::string found;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    const std::string content = octets_in(entry.path());
    for (const std::string& secret : secrets)
      for (const std::string& form : forms_of(secret))
        if (content.find(form) != std::string::npos) found += form + " in " + entry.path().filename().string() + '\n';
  }
  return found;
}

}  // namespace beacon_gateway_test
