// Everything that stops scanners in shops (reliability.md section D, cases 17 to 22): the radio hears again by itself.
#include <atomic>
#include <ctime>
#include <filesystem>
#include <iterator>

#include "tests/catch.hpp"
#include "tests/integration/bluez/radio_world.hpp"

namespace beacon_gateway_test {
namespace {

using namespace beacon_gateway;
using Clock = std::chrono::steady_clock;

// A shop in which one tag is heard.
struct Shop {
  PrivateBus bus;
  FakeBluez bluez{bus.address()};
  std::string known = tag(1).address;

  explicit Shop(const FakeAdapter& adapter = {}) {
    bluez.plug(adapter);
    bluez.run();
    bluez.advertise(tag(1));
  }
};

TEST_CASE("bluetoothd goes and comes: packets flow within 5 s of its return, and its past is not mourned") {
  Shop shop;
  const Listener listener{patient_options(shop.bus)};
  REQUIRE(listener.hears(shop.known));
  const bool says_goodbye = GENERATE(true, false);
  constexpr std::uint32_t kTimes = 10;
  for (std::uint32_t i = 0; i < kTimes; ++i) {
    says_goodbye ? shop.bluez.stop() : shop.bluez.kill();
    CHECK(soon([&] { return listener.scanner().state == "bluetoothd does not run"; }));
    CHECK(listener.scanner().mode == ScanMode::none);
    shop.bluez.run_late(100ms);
    const auto back = Clock::now();
    CHECK(listener.hears(shop.known));
    CHECK(Clock::now() - back < 5s);
  }
  CHECK(shop.bluez.calls("StartDiscovery") == 1 + kTimes);
  CHECK(shop.bluez.calls("GetManagedObjects") == 1 + kTimes);
  CHECK(listener.scanner().reconnects == 0);
}

TEST_CASE("bluetoothd that comes later than the gateway is heard") {
  PrivateBus bus;
  const Listener listener{patient_options(bus)};
  CHECK(soon([&] { return listener.scanner().state == "bluetoothd does not run"; }));
  FakeBluez bluez{bus.address()};
  bluez.plug({});
  bluez.run_late(100ms);
  bluez.advertise(tag(1));
  CHECK(listener.hears(tag(1).address));
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, {});
}

std::ptrdiff_t running_threads() {
  return std::distance(std::filesystem::directory_iterator{"/proc/self/task"}, {});
}

TEST_CASE("the bus daemon is killed and comes back, again and again, and nothing is left behind") {
  Shop shop;
  const Listener listener{hasty_options(shop.bus)};
  REQUIRE(listener.hears(shop.known));
  const auto descriptors = open_descriptors();
  const auto threads = running_threads();
  constexpr int kTimes = 50;  // case 17
  for (int i = 0; i < kTimes; ++i) {
    shop.bus.kill();
    shop.bluez.kill();
    CHECK(soon([&] { return listener.scanner().mode == ScanMode::none; }));
    shop.bus.start();
    shop.bluez.run();
    CHECK(listener.hears(shop.known));
  }
  CHECK(open_descriptors() == descriptors);
  CHECK(running_threads() == threads);
}

TEST_CASE("scanning again within 15 s of the bus daemon's return, with the times of a shop") {
  Shop shop;
  const Listener listener{patient_options(shop.bus)};
  REQUIRE(listener.hears(shop.known));
  shop.bus.kill();
  shop.bluez.kill();
  CHECK(soon([&] { return listener.scanner().mode == ScanMode::none; }));
  shop.bus.start();
  shop.bluez.run();
  const auto back = Clock::now();
  CHECK(listener.hears(shop.known));
  CHECK(Clock::now() - back < 15s);
}

TEST_CASE("a start that is refused is tried at most once a second, until it works") {
  Shop shop;
  const std::string error = GENERATE("org.bluez.Error.InProgress", "org.bluez.Error.NotReady", "org.bluez.Error.Failed",
                                     "org.freedesktop.DBus.Error.UnknownObject");
  shop.bluez.answer("StartDiscovery", error);
  const auto began = Clock::now();
  const Listener listener{patient_options(shop.bus)};
  CHECK(soon([&] { return shop.bluez.calls("StartDiscovery") >= 2; }));
  const std::chrono::duration<double> took = Clock::now() - began;
  CHECK(shop.bluez.calls("StartDiscovery") <= 2 + static_cast<std::uint32_t>(took.count()));
  CHECK(soon([&] { return listener.scanner().state == "scanning is refused: " + error; }));
  shop.bluez.answer("StartDiscovery", "");
  CHECK(listener.hears(shop.known));
}

TEST_CASE("a controller that hangs: no answer is waited for without haste, and then tried again") {
  FakeAdapter adapter;
  adapter.filters_duplicates = true;
  adapter.scan_period = 4s;
  Shop shop{adapter};
  for (std::uint8_t i = 2; i <= 30; ++i) shop.bluez.advertise(tag(i));
  auto options = patient_options(shop.bus);
  options.rescan_every = 2s;  // beyond what counts as a packet heard twice
  const Listener listener{options};
  REQUIRE(soon([&] { return listener.scanner().hears == PacketShare::once_a_scan; }));
  shop.bluez.answer("StartDiscovery", "silence");  // in the middle of restarts by schedule
  const auto calls = shop.bluez.calls("StartDiscovery");
  REQUIRE(soon([&] { return shop.bluez.calls("StartDiscovery") > calls; }));
  const std::clock_t before = std::clock();
  CHECK(soon([&] { return listener.scanner().state.starts_with("scanning is refused: org.freedesktop.DBus.Error"); }));
  CHECK(std::clock() - before < 5 * CLOCKS_PER_SEC);  // of ten seconds, the fakes' and the looking included
  shop.bluez.answer("StartDiscovery", "");
  CHECK(listener.hears(shop.known));
}

TEST_CASE(
    "bluetoothd that was killed and refuses while the kernel scans for the old one: off and on, and heard within 5 s") {
  Shop shop;
  const Listener listener{patient_options(shop.bus)};
  REQUIRE(listener.hears(shop.known));
  shop.bluez.kill();
  REQUIRE(soon([&] { return listener.scanner().state == "bluetoothd does not run"; }));
  shop.bluez.answer("StartDiscovery", "org.bluez.Error.InProgress");
  shop.bluez.run_late(100ms);
  const auto back = Clock::now();
  REQUIRE(soon([&] { return listener.scanner().power_cycles == 1; }));
  shop.bluez.answer("StartDiscovery", "");
  CHECK(listener.hears(shop.known));
  CHECK(Clock::now() - back < 5s);
  CHECK(listener.scanner().reconnects == 0);
}

TEST_CASE("refusals climb the rungs: another connection, then the adapter off and on") {
  Shop shop;
  shop.bluez.answer("StartDiscovery", "org.bluez.Error.InProgress");
  const Listener listener{hasty_options(shop.bus)};
  CHECK(soon([&] { return listener.scanner().reconnects >= 1; }));
  CHECK(soon([&] { return listener.scanner().power_cycles >= 1; }));
  CHECK(soon([&] { return listener.scanner().alarm; }));
  shop.bluez.answer("StartDiscovery", "");
  CHECK(listener.hears(shop.known));
  CHECK(soon([&] { return !listener.scanner().alarm; }));
}

TEST_CASE("another client starts and stops its discovery: ours goes on") {
  FakeAdapter theirs;
  theirs.name = "hci1";
  theirs.address = "00:AA:01:00:00:02";
  Shop shop;
  shop.bluez.plug(theirs);
  const Listener listener{hasty_options(shop.bus)};
  REQUIRE(listener.hears(shop.known));
  {
    auto options = hasty_options(shop.bus);
    options.adapters = {"hci1", "hci0"};
    const Listener other{options};
    CHECK(soon([&] { return other.scanner(0).state == "scanning" && other.scanner(1).state == "scanning"; }));
    CHECK(other.hears(shop.known));  // though it was there before
    options.adapters = {"hci1"};
    const Listener third{options};  // and what is told of adapters that it does not have confuses nobody
    CHECK(third.hears(shop.known));
    shop.bluez.forget_devices();
    CHECK(third.hears(shop.known));
    CHECK(third.status().odd_messages == 0);
  }
  CHECK(listener.hears(shop.known));
  CHECK(shop.bluez.discovering("hci0"));
  CHECK(soon([&] { return !shop.bluez.discovering("hci1"); }));
  CHECK(listener.scanner().scan_starts == 1);
}

TEST_CASE("silence though Discovering is true climbs the ladder in order, and one packet puts it back") {
  Shop shop;
  auto options = hasty_options(shop.bus);
  std::atomic<int> cries = 0;
  options.ask_for_help = [&](const std::string& adapter) { cries += adapter == "hci0" ? 1 : 100; };
  const Listener listener{options};
  REQUIRE(listener.hears(shop.known));
  const auto starts = listener.scanner().scan_starts;
  shop.bluez.silence(true);
  CHECK(soon([&] { return listener.scanner().scan_starts > starts; }));
  CHECK(listener.scanner().reconnects == 0);
  CHECK(soon([&] { return listener.scanner().reconnects == 1; }));
  CHECK(listener.scanner().power_cycles == 0);
  CHECK(soon([&] { return listener.scanner().power_cycles == 1; }));
  CHECK_FALSE(listener.scanner().alarm);
  CHECK(soon([&] { return listener.scanner().alarm && listener.scanner().calls_for_help == 1; }));
  CHECK(cries == 1);
  shop.bluez.silence(false);
  CHECK(listener.hears(shop.known));
  CHECK(soon([&] { return !listener.scanner().alarm; }));
}

TEST_CASE("a canary is known when it is heard, and nobody is expected without one") {
  Shop shop;
  auto options = hasty_options(shop.bus);
  IBeacon canary;
  canary.uuid.fill(0x11);
  canary.major = 0x1111;
  canary.minor = GENERATE(std::uint16_t{1}, std::uint16_t{2});  // the one that is there, and another
  options.canary = canary;
  const Listener listener{options};
  REQUIRE(listener.hears(shop.known));
  if (canary.minor == 1)
    CHECK(soon([&] { return listener.scanner().canary == true; }));
  else
    CHECK_FALSE(listener.scanner().canary);
}

TEST_CASE("an adapter that is turned off is turned on again") {
  Shop shop;
  const Listener listener{hasty_options(shop.bus)};
  REQUIRE(listener.hears(shop.known));
  shop.bluez.power("hci0", false);
  CHECK(listener.hears(shop.known));
  CHECK(soon([&] { return listener.scanner().power_ons >= 1; }));
  SECTION("and is said to be off where that does not work") {
    shop.bluez.answer("Set", "org.bluez.Error.Failed");  // rfkill
    shop.bluez.power("hci0", false);
    CHECK(soon([&] { return listener.scanner().state == "the adapter is off: org.bluez.Error.Failed"; }));
    shop.bluez.answer("Set", "");
    CHECK(listener.hears(shop.known));
  }
}

TEST_CASE("an adapter that is unplugged is waited for") {
  FakeAdapter adapter;
  adapter.has_monitors = true;
  Shop shop{adapter};
  auto options = hasty_options(shop.bus);
  const bool by_address = GENERATE(true, false);
  if (by_address) options.adapters = {adapter.address};
  const Listener listener{options};
  REQUIRE(listener.hears(shop.known));
  shop.bluez.unplug("hci0");
  CHECK(soon([&] { return listener.scanner().state == "the adapter is not there"; }));
  SECTION("at its old place") {
    shop.bluez.plug(adapter);
    CHECK(listener.hears(shop.known));
    CHECK(soon([&] { return shop.bluez.monitors() == 1; }));
  }
  SECTION("at another number, where it is known by its address") {
    adapter.name = "hci1";
    shop.bluez.plug(adapter);
    if (by_address)
      CHECK(listener.hears(shop.known));
    else
      CHECK(soon([&] { return listener.scanner().state == "the adapter is not there"; }));
  }
}

TEST_CASE("discovery that ends without us is started again") {
  Shop shop;
  const Listener listener{patient_options(shop.bus)};
  REQUIRE(listener.hears(shop.known));
  shop.bluez.end_discovery("hci0");
  CHECK(listener.hears(shop.known));
}

}  // namespace
}  // namespace beacon_gateway_test
