// What the privileged helper waits for.
#include "drivers/system/help_request.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"

namespace beacon_gateway_test {
namespace {

using beacon_gateway::system::ask_for_radio_help;

TEST_CASE("help is asked for by a file that holds the adapter's name, the newest alone") {
  const TemporaryDirectory directory;
  ::setenv("RUNTIME_DIRECTORY", directory.path().c_str(), 1);
  CHECK(ask_for_radio_help("hci12"));
  CHECK(ask_for_radio_help("hci0"));
  std::stringstream text;
  text << std::ifstream{directory.path() / "radio-help"}.rdbuf();
  CHECK(text.str() == "hci0\n");
  ::setenv("RUNTIME_DIRECTORY", (directory.path() / "gone").c_str(), 1);
  CHECK_FALSE(ask_for_radio_help("hci0"));
  ::unsetenv("RUNTIME_DIRECTORY");
  CHECK_FALSE(ask_for_radio_help("hci0"));
}

}  // namespace
}  // namespace beacon_gateway_test
