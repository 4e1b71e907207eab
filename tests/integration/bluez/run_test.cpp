// The daemon itself, on a bus of its own: `run` with driver = "bluez", and what `status` says of it.
#include "tests/catch.hpp"
#include "tests/integration/bluez/shop_world.hpp"

namespace beacon_gateway_test {
namespace {

TEST_CASE("run hears through BlueZ, survives it, and status says how it listens") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  FakeAdapter adapter;
  adapter.has_monitors = true;
  bluez.plug(adapter);
  bluez.advertise(tag(1));
  const Shop shop{"[[scanner]]\nadapter = \"hci0\"\nzone = \"entrance\"\n"};
  Running daemon{shop, bus, {"run"}};
  CHECK(shop.says("hci0, zone entrance: bluetoothd does not run"));
  bluez.run();
  CHECK(shop.says("hci0, zone entrance: scanning"));
  CHECK(shop.says(R"("mode":"monitor","hears":"every_packet","state":"scanning","alarm":false)", "--json"));
  CHECK(shop.says(R"("advertisements":)", "--json"));
  bluez.kill();
  CHECK(shop.says(R"("mode":"none")", "--json"));
  CHECK(daemon.stop() == 0);
}

TEST_CASE("captures and radios do not mix, and a driver that is not there is named") {
  const PrivateBus bus;
  const std::string first = "[[scanner]]\nadapter = \"hci0\"\nzone = \"entrance\"\n";
  const std::string second = "[[scanner]]\nadapter = \"hci1\"\nzone = \"entrance\"\n";
  const Shop mixed{first + second + "driver = \"capture\"\nfile = \"a.btsnoop\"\n"};
  const auto [status, text] = Shop::output("run --config " + mixed.path);
  CHECK(status == 1);
  CHECK_THAT(text, ContainsSubstring("captures run on their own clock"));
  const Shop mgmt{first + "driver = \"mgmt\"\n"};
  CHECK_THAT(Shop::output("run --config " + mgmt.path).second, ContainsSubstring("no driver \"mgmt\""));
}

}  // namespace
}  // namespace beacon_gateway_test
