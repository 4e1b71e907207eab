#include "cli/key.hpp"

#include <sstream>

#include "cli/edges.hpp"
#include "drivers/sqlite/store_key.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"

using namespace beacon_gateway;
using beacon_gateway_test::ContainsSubstring;

TEST_CASE("key create makes a key, says where it goes, and shows none of it, and a second time it refuses") {
  const beacon_gateway_test::TemporaryDirectory directory;
  const auto file = directory.path() / "store.key";
  std::ostringstream out;
  std::ostringstream err;
  CHECK(create_key(directory.path() / "sub" / ".." / "store.key", sqlite::create_store_key, out, err) == kGood);
  const auto key = sqlite::read_store_key(file);
  REQUIRE(key);
  CHECK_THAT(out.str(), ContainsSubstring("Made " + file.string() + ":") && ContainsSubstring("mode 0400") &&
                            ContainsSubstring("key_file = \"" + file.string() + '"') &&
                            ContainsSubstring("systemd-creds encrypt --name=store-key") &&
                            ContainsSubstring("without the key the store is lost"));
  CHECK(err.str().empty());

  std::ostringstream again;
  CHECK(create_key(file, sqlite::create_store_key, again, err) == kFailed);
  CHECK(again.str().empty());
  CHECK_THAT(err.str(),
             ContainsSubstring("beacon-gateway: " + file.string()) && ContainsSubstring("never overwritten"));
  CHECK(sqlite::read_store_key(file)->octets() == key->octets());
}
