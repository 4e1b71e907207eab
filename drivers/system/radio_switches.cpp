#include "drivers/system/radio_switches.hpp"

#include <algorithm>
#include <fstream>
#include <string>

namespace beacon_gateway::system {
namespace {

std::string word_in(const std::filesystem::path& file) {
  std::string word;
  std::ifstream{file} >> word;
  return word;
}

}  // namespace

std::vector<RadioSwitch> bluetooth_switches(const std::filesystem::path& sysfs) {
  std::vector<RadioSwitch> switches;
  std::error_code ignored;  // without the folder there are no switches
  for (const auto& entry : std::filesystem::directory_iterator{sysfs, ignored}) {
    if (word_in(entry.path() / "type") != "bluetooth") continue;
    switches.push_back(
        {word_in(entry.path() / "name"), word_in(entry.path() / "soft") == "1", word_in(entry.path() / "hard") == "1"});
  }
  std::ranges::sort(switches, {}, &RadioSwitch::name);
  return switches;
}

}  // namespace beacon_gateway::system
