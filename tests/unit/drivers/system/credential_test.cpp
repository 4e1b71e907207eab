#include "drivers/system/credential.hpp"

#include <cstdlib>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"

using beacon_gateway::system::credential;

TEST_CASE("a credential is a file in the directory that systemd names, if there is one") {
  const beacon_gateway_test::TemporaryDirectory folder;
  std::ofstream{folder.path() / "ca_file"} << "PEM";
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CHECK_FALSE(credential("ca_file"));
  ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
  CHECK(credential("ca_file") == folder.path() / "ca_file");
  CHECK_FALSE(credential("key_file"));
  ::unsetenv("CREDENTIALS_DIRECTORY");
}
