// `scan`, `record` and `doctor` against BlueZ, beside the daemon.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/fakes/broker.hpp"
#include "tests/fakes/subscriber.hpp"
#include "tests/integration/bluez/shop_world.hpp"

namespace beacon_gateway_test {
namespace {

constexpr const char* kScanner = "[[scanner]]\nadapter = \"00:AA:01:00:00:01\"\nzone = \"entrance\"\n";

// More than the few records with which a visit starts.
constexpr std::uintmax_t kEnoughOctets = 2000;

std::string profile(std::uint8_t number) {
  const std::string id = std::to_string(number);
  std::string consents;
  for (const char* purpose : {"presence", "welcome"})
    consents += std::string{consents.empty() ? "" : ","} + R"({"purpose":")" + purpose +
                R"(","granted_at":"2026-01-05T03:00:00Z","expires_at":null,"notice":"v3-th","channel":"app"})";
  return R"({"shopper_id":"s-)" + id + R"(","version":1,"identifiers":[{"kind":"address","address":"C0:00:00:00:00:0)" +
         id + R"(","type":"random-static"}],"consents":[)" + consents + R"(],"language":"th"})" + "\n";
}

std::string value(const std::string& event, const std::string& key) {
  std::smatch found;
  return std::regex_search(event, found, std::regex{"\"" + key + "\":\"([^\"]*)\""}) ? found[1].str() : std::string{};
}

// Type, subject and zone, which are to be the same.
std::string essence(const std::string& event) {
  return value(event, "type") + " " + value(event, "subject") + " " + value(event, "zone");
}

bool is_end(const std::string& event) {
  return value(event, "type") == "com.beacongateway.visit.ended.v1";
}

TEST_CASE("scan hears what BlueZ hears, beside a running daemon, and says how") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  bluez.plug({.has_monitors = true});
  bluez.advertise(tag(1));
  bluez.run();
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
  const Shop shop{kScanner};
  const std::string command = "scan --seconds 2 --config " + shop.path;
  const auto [alone, table] = Shop::output(command);
  CHECK(alone == 0);
  CHECK_THAT(table, ContainsSubstring("00:AA:01:00:00:01 …00:01"));
  CHECK_THAT(table, ContainsSubstring("ibeacon …"));
  CHECK_THAT(table, ContainsSubstring("hears every packet"));
  const Running daemon{shop, bus, {"run"}};
  REQUIRE(shop.says("scanning"));
  const auto [beside, json] = Shop::output(command + " --json --all");
  CHECK(beside == 0);
  CHECK_THAT(json, ContainsSubstring(R"("device":"C0:00:00:00:00:01","address_type":"static","rssi_dbm":-60)"));
  CHECK_THAT(json, ContainsSubstring(R"("mode":"monitor")"));
  bluez.kill();
  const auto [deaf, nothing] = Shop::output(command);
  CHECK(deaf == 1);
  CHECK_THAT(nothing, ContainsSubstring("bluetoothd does not run"));
  CHECK_THAT(nothing, ContainsSubstring("beacon-gateway doctor"));
}

TEST_CASE("doctor says what stands in the way of hearing, by listening itself or from the running daemon") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  bluez.plug(FakeAdapter{});  // without monitors
  bluez.advertise(tag(1));
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
  const Shop shop{kScanner};
  const std::string command = "doctor --lang en --seconds 2 --config " + shop.path;
  CHECK_THAT(Shop::output(command).second, ContainsSubstring("FAULT bluetooth: bluetoothd does not run"));
  bluez.run();
  const auto listened = Shop::output(command).second;
  CHECK_THAT(listened, ContainsSubstring("bluetooth: bluetoothd runs, with 1 adapters"));
  CHECK_THAT(listened, ContainsSubstring("note bluetooth: adapter 00:AA:01:00:00:01: bluetoothd offers no monitors"));
  CHECK_THAT(listened, ContainsSubstring("advertisements a second, every packet"));
  CHECK_THAT(listened, ContainsSubstring("FAULT gateway: no gateway runs"));
  const Running daemon{shop, bus, {"run"}};
  REQUIRE(shop.says("scanning"));
  bluez.unplug("hci0");
  REQUIRE(shop.says("the adapter is not there"));
  const auto [status, unplugged] = Shop::output(command);
  CHECK(status == 1);
  CHECK_THAT(unplugged, ContainsSubstring("FAULT bluetooth: adapter 00:AA:01:00:00:01 is not there"));
  CHECK_THAT(unplugged, ContainsSubstring("FAULT scanner: 00:AA:01:00:00:01 does not scan"));
  CHECK_THAT(unplugged, ContainsSubstring("gateway: it runs"));
}

TEST_CASE("a recording replays to the events of the daemon beside which it was made", "[broker]") {
  const PrivateBus bus;
  Broker broker;
  Subscriber subscriber{broker.port(), {"beacon-gateway/v1/acme/s-1/gw-1/events/#"}};
  FakeBluez bluez{bus.address()};
  bluez.plug(FakeAdapter{});
  bluez.run();
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
  const Shop shop{std::string{kScanner} +
                  "[visit]\nzone_left_after = \"5s\"\nends_after = \"10s\"\n[broker]\nurl = \"" + broker.url() +
                  "\"\n[downlink]\nallow_unsigned = true\n"};
  std::ofstream{shop.path + "/people.jsonl"} << profile(1) << profile(2);
  const std::string with = " --config " + shop.path;
  Running daemon{shop, bus, {"run"}};
  REQUIRE(shop.says("scanning"));
  REQUIRE(Shop::output("profiles import " + shop.path + "/people.jsonl" + with).first == 0);
  const std::string capture = shop.path + "/morning.btsnoop";
  Running recording{shop, bus, {"record", capture}};
  REQUIRE(soon([&] { return std::filesystem::exists(capture); }));
  REQUIRE(soon([&] { return bluez.calls("StartDiscovery") >= 2; }));

  const auto ended = [](std::ptrdiff_t visits) {
    return [visits](const Subscriber::Messages& messages) {
      return std::ranges::count_if(messages, [](const auto& one) { return is_end(one.payload); }) == visits;
    };
  };
  bluez.advertise(tag(9));  // a stranger
  for (const std::uint8_t number : {std::uint8_t{1}, std::uint8_t{2}}) {
    bluez.advertise(tag(number));
    const auto count = subscriber.received().size() + 2;  // visit started, zone entered
    const auto size = std::filesystem::file_size(capture);
    REQUIRE(subscriber.wait_for(count, 60s));
    REQUIRE(soon([&] { return std::filesystem::file_size(capture) > size + kEnoughOctets; }));
    bluez.hush(tag(number).address);
    REQUIRE(subscriber.wait_for(ended(number), 60s));
  }
  CHECK(recording.stop() == 0);
  CHECK(daemon.stop() == 0);

  std::vector<std::string> live;
  for (const ReceivedMessage& one : subscriber.received()) live.push_back(essence(one.payload));
  REQUIRE(live.size() == 8);  // started, entered, left, ended; twice
  const auto [status, events] = Shop::output("replay " + capture + " --profiles " + shop.path + "/people.jsonl" + with);
  INFO(events);
  CHECK(status == 0);
  std::vector<std::string> replayed;
  std::istringstream lines{events};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("{")) replayed.push_back(essence(line));
  CHECK(replayed == live);
}

}  // namespace
}  // namespace beacon_gateway_test
