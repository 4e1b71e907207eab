// The daemon itself, on a bus of its own: `run` with driver = "bluez", and what `status` says of it.

#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/integration/bluez/shop_world.hpp"

namespace beacon_gateway_test {
namespace {

TEST_CASE("run hears through BlueZ, survives it, and status says how it listens") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  bluez.plug({.has_monitors = true});
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

// Case 30 of reliability.md D: one visit and one welcome, however many adapters hear the shopper.
TEST_CASE("a shopper whom two adapters hear is one visit and gets one welcome") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  bluez.plug({});
  bluez.plug({.name = "hci1", .address = "00:AA:01:00:00:02"});
  bluez.run();
  const Shop shop{
      "[[scanner]]\nadapter = \"hci0\"\nzone = \"entrance\"\n"
      "[[scanner]]\nadapter = \"hci1\"\nzone = \"entrance\"\n"};
  std::filesystem::create_directory(shop.directory.path() / "campaigns.d");
  std::ofstream(shop.directory.path() / "campaigns.d" / "welcome.toml")
      << "[[campaign]]\nid = \"welcome\"\nkind = \"welcome\"\non = \"visit.started\"\n"
      << "[[campaign.variant]]\nid = \"a\"\ntitle.en = \"Welcome\"\nbody.en = \"Hello\"\n";
  std::ofstream(shop.directory.path() / "profiles.jsonl")
      << R"({"shopper_id":"s-1","version":1,"identifiers":[{"kind":"ibeacon",)"
      << R"("uuid":"11111111-1111-1111-1111-111111111111","major":4369,"minor":1}],"consents":[)"
      << R"({"purpose":"presence","granted_at":"2020-01-05T03:00:00Z","expires_at":null,"notice":"v3","channel":"app"},)"
      << R"({"purpose":"welcome","granted_at":"2020-01-05T03:00:00Z","expires_at":null,"notice":"v3","channel":"app"}],)"
      << R"("language":"en"})" << '\n';
  Running daemon{shop, bus, {"run"}};
  REQUIRE(shop.says("hci1, zone entrance: scanning"));
  REQUIRE(Shop::output("profiles import " + shop.path + "/profiles.jsonl --config " + shop.path).first == 0);
  bluez.advertise(tag(1));
  CHECK(shop.says("1 open, 1 started, 1 triggers"));
  const auto sightings = [&] {
    const std::string status = shop.status();
    const auto at = status.find("advertisements, ") + std::string_view{"advertisements, "}.size();
    return std::stoul(status.substr(at));
  };
  const auto so_far = sightings();
  CHECK(soon([&] { return sightings() > so_far + 50; }));
  CHECK(shop.says("1 open, 1 started, 1 triggers"));
  CHECK(daemon.stop() == 0);
}

TEST_CASE("captures and radios do not mix") {
  const PrivateBus bus;
  const std::string first = "[[scanner]]\nadapter = \"hci0\"\nzone = \"entrance\"\n";
  const std::string second = "[[scanner]]\nadapter = \"hci1\"\nzone = \"entrance\"\n";
  const Shop mixed{first + second + "driver = \"capture\"\nfile = \"a.btsnoop\"\n"};
  const auto [status, text] = Shop::output("run --config " + mixed.path);
  CHECK(status == 1);
  CHECK_THAT(text, ContainsSubstring("captures run on their own clock"));
}

}  // namespace
}  // namespace beacon_gateway_test
