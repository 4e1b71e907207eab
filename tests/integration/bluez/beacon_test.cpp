// Our own beacons on the air: as configured, again after every kind of death, and never against the scan.
#include "tests/catch.hpp"
#include "tests/integration/bluez/radio_world.hpp"

namespace beacon_gateway_test {
namespace {

using namespace beacon_gateway;

constexpr Uuid kOurs{0x5A, 0x4B, 0xCF, 0xCE, 0x17, 0x4E, 0x4B, 0xAC, 0xA8, 0x14, 0x09, 0x2E, 0x77, 0xF6, 0xB7, 0xE5};

bluez::BeaconOptions ibeacon(const std::string& adapter, std::uint16_t minor = 1) {
  return {adapter, {IBeacon{kOurs, 12, minor, -59}, {}}, "iBeacon"};
}

// A box with two adapters: hci0 scans, hci1 is free.
struct Box {
  PrivateBus bus;
  FakeBluez bluez{bus.address()};
  bluez::BluezOptions options = hasty_options(bus);

  explicit Box(FakeAdapter first = {}) {
    FakeAdapter second;
    second.name = "hci1";
    second.address = "00:AA:01:00:00:02";
    second.powered = false;  // nobody else turns it on
    bluez.plug(first);
    bluez.plug(second);
    bluez.run();
    bluez.advertise(tag(1));
  }
  [[nodiscard]] bool on_air(const std::string& adapter = "hci0") {
    return soon([&] { return bluez.advertised(adapter).size() == 1; });
  }
};

TEST_CASE("an iBeacon goes on the air beside the scan, cannot be connected to, and rests when the gateway stops") {
  Box box;
  box.options.beacons = {ibeacon("hci0")};
  {
    const Listener listener{box.options};
    REQUIRE(box.on_air());
    const FakeAdvertisement sent = box.bluez.advertised("hci0").at(0);
    CHECK(sent.type == "broadcast");
    CHECK(sent.least_interval_ms == 100);
    CHECK(sent.services.empty());
    CHECK(sent.manufacturer.at(0x004C) == wake_up_frame({IBeacon{kOurs, 12, 1, -59}, {}}, 0).data);
    CHECK(soon([&] { return listener.beacon().state == "on the air"; }));
    CHECK_FALSE(listener.beacon().heard);  // by whom?
    CHECK(listener.hears(tag(1).address));
  }
  CHECK(soon([&] { return box.bluez.advertised("hci0").empty(); }));
}

TEST_CASE("a LINE beacon on an adapter of its own, which is turned on for it and heard by the other") {
  Box box;
  box.options.beacons = {{"00:aa:01:00:00:02", {LineBeacon{{1, 2, 3, 4, 5}}, {}}, "LINE beacon"}};
  const Listener listener{box.options};
  REQUIRE(box.on_air("hci1"));
  const FakeAdvertisement sent = box.bluez.advertised("hci1").at(0);
  CHECK(sent.service_uuids == std::vector<std::string>{"fe6f"});
  CHECK(sent.services.at("fe6f") == wake_up_frame({LineBeacon{{1, 2, 3, 4, 5}}, {}}, 0).data);
  CHECK(sent.manufacturer.empty());
}

TEST_CASE(
    "an adapter of its own that somebody turns off is turned on again, and status does not say on the air meanwhile") {
  Box box;
  box.options.beacons = {ibeacon("hci1")};
  box.bluez.power("hci1", true);
  const Listener listener{box.options};
  REQUIRE(box.on_air("hci1"));
  box.bluez.answer("Set", "org.bluez.Error.Busy");
  box.bluez.power("hci1", false);
  CHECK(soon([&] { return listener.beacon().state == "refused: the adapter is off"; }));
  CHECK_FALSE(listener.beacon().on_air);
  CHECK(box.bluez.advertised("hci1").empty());
  box.bluez.answer("Set", "");
  CHECK(box.on_air("hci1"));
  CHECK(soon([&] { return listener.beacon().on_air; }));
}

TEST_CASE("an adapter that is off for a moment: the beacon is registered anew, as the kernel may send an empty one") {
  Box box;
  const std::string adapter = GENERATE("hci0", "hci1");
  box.options.beacons = {ibeacon(adapter)};
  const Listener listener{box.options};
  REQUIRE(box.on_air(adapter));
  const auto registered = box.bluez.calls("RegisterAdvertisement");
  box.bluez.power(adapter, false);
  box.bluez.power(adapter, true);
  CHECK(soon([&] { return box.bluez.calls("RegisterAdvertisement") > registered; }));
  CHECK(box.on_air(adapter));
  CHECK(soon([&] { return listener.beacon().on_air; }));
}

TEST_CASE("whether another adapter of the box hears it is told") {
  Box box;
  box.options.beacons = {ibeacon("hci1")};
  const Listener listener{box.options};
  CHECK(soon([&] { return listener.beacon().heard == true; }));
}

TEST_CASE("a beacon that BlueZ says is on the air and nobody hears is told as such") {
  Box box;
  box.bluez.silence(true);
  box.options.beacons = {ibeacon("hci1")};
  const Listener listener{box.options};
  CHECK(soon([&] { return listener.beacon().on_air && listener.beacon().heard == false; }));
}

TEST_CASE("a beacon is on the air again after every kind of death") {
  Box box;
  box.options.beacons = {ibeacon("hci0")};
  const Listener listener{box.options};
  REQUIRE(box.on_air());
  SECTION("BlueZ lets go of it") {
    box.bluez.release_advertisements();
    CHECK(box.on_air());
    CHECK(soon([&] { return listener.beacon().releases == 1; }));
  }
  SECTION("bluetoothd is killed") {
    box.bluez.kill();
    CHECK(soon([&] { return listener.beacon().state == "bluetoothd does not run"; }));
    box.bluez.run();
    CHECK(box.on_air());
  }
  SECTION("the bus daemon is killed") {
    box.bus.kill();
    box.bluez.kill();
    CHECK(soon([&] { return !listener.beacon().on_air; }));
    box.bus.start();
    box.bluez.run();
    CHECK(box.on_air());
  }
  SECTION("the adapter is unplugged") {
    box.bluez.unplug("hci0");
    CHECK(soon([&] { return listener.beacon().state == "the adapter is not there"; }));
    box.bluez.plug({});
    CHECK(box.on_air());
  }
  CHECK(soon([&] { return listener.beacon().state == "on the air"; }));
}

TEST_CASE("what is refused is said, asked for ever more slowly, and scanning goes on") {
  FakeAdapter adapter;
  SECTION("no room") {
    adapter.most_advertisements = 1;
    Box box{adapter};
    box.options.beacons = {ibeacon("hci0"), ibeacon("hci0", 2)};
    const Listener listener{box.options};
    CHECK(soon([&] { return listener.beacon(1).state == "refused: org.bluez.Error.NotPermitted"; }));
    CHECK(soon([&] { return listener.beacon(0).state == "on the air"; }));
    CHECK(listener.hears(tag(1).address));
  }
  SECTION("for a while") {
    Box box{adapter};
    const std::string error = GENERATE("org.bluez.Error.Failed", "org.bluez.Error.NotPermitted");
    box.bluez.answer("RegisterAdvertisement", error);
    box.options.beacons = {ibeacon("hci0")};
    const Listener listener{box.options};
    CHECK(soon([&] { return listener.beacon().refusals >= 2; }));
    CHECK(listener.beacon().state == "refused: " + error);
    CHECK(listener.hears(tag(1).address));
    box.bluez.answer("RegisterAdvertisement", "");
    CHECK(box.on_air());
  }
  SECTION("never heard of") {
    adapter.most_advertisements = 0;
    Box box{adapter};
    box.options.beacons = {ibeacon("hci0")};
    const Listener listener{box.options};
    CHECK(soon([&] { return listener.beacon().state == "bluetoothd cannot advertise on this adapter"; }));
    CHECK(box.bluez.calls("RegisterAdvertisement") == 0);
  }
}

TEST_CASE("an adapter that goes deaf while it advertises: the beacon leaves, and stays away") {
  FakeAdapter adapter;
  adapter.deaf_beside_own = true;
  Box box{adapter};
  box.options.beacons = {ibeacon("hci0")};
  const Listener listener{box.options};
  REQUIRE(box.on_air());
  CHECK(soon([&] { return listener.beacon().yields == 1; }));
  CHECK(listener.hears(tag(1).address));
  CHECK(soon([&] { return listener.beacon().state.starts_with("kept off the air"); }));
  CHECK(box.bluez.advertised("hci0").empty());
  CHECK(listener.scanner().power_cycles == 0);
}

TEST_CASE("an empty shop is no fault of the beacon") {
  Box box;
  box.options.beacons = {ibeacon("hci0")};
  box.options.yield.blame = 1ms;
  const Listener listener{box.options};
  REQUIRE(box.on_air());
  box.bluez.silence(true);
  CHECK(soon([&] { return listener.beacon().yields == 1; }));
  box.bluez.silence(false);
  CHECK(box.on_air());
}

TEST_CASE("a rotating beacon says something else in the next period") {
  Box box;
  const WakeUpBeacon rotating{IBeacon{kOurs, 12, 1, -59}, BeaconRotation{std::string(32, 'k'), 1s}};
  box.options.beacons = {{"hci0", rotating, "iBeacon"}};
  const Listener listener{box.options};
  std::set<std::vector<std::uint8_t>> seen;
  CHECK(soon([&] {
    for (const FakeAdvertisement& one : box.bluez.advertised("hci0")) seen.insert(one.manufacturer.at(0x004C));
    return seen.size() >= 3;
  }));
  CHECK(listener.beacon().refusals == 0);
}

}  // namespace
}  // namespace beacon_gateway_test
