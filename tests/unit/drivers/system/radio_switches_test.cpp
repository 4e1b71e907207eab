#include "drivers/system/radio_switches.hpp"

#include <fstream>

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"

using namespace beacon_gateway::system;
using beacon_gateway_test::TemporaryDirectory;

namespace {

void add_switch(const std::filesystem::path& sysfs, const std::string& name, const char* type, const char* soft) {
  std::filesystem::create_directory(sysfs / name);
  for (const auto& [file, text] : {std::pair{"type", type}, {"name", name.c_str()}, {"soft", soft}, {"hard", "0"}})
    std::ofstream{sysfs / name / file} << text << '\n';
}

}  // namespace

TEST_CASE("switches of Bluetooth radios are told, others are not, and a kernel without them has none") {
  const TemporaryDirectory sysfs;
  add_switch(sysfs.path(), "rfkill1", "bluetooth", "1");
  add_switch(sysfs.path(), "rfkill0", "bluetooth", "0");
  add_switch(sysfs.path(), "rfkill2", "wlan", "1");
  const auto switches = bluetooth_switches(sysfs.path());
  REQUIRE(switches.size() == 2);
  CHECK_FALSE(switches[0].soft_blocked);
  CHECK(switches[1].name == "rfkill1");
  CHECK(switches[1].soft_blocked);
  CHECK_FALSE(switches[1].hard_blocked);
  CHECK(bluetooth_switches(sysfs.path() / "none").empty());
}
