// What the radio hears from BlueZ, and what it asks of it.
#include <cstdlib>

#include "core/beacon/decode.hpp"
#include "tests/catch.hpp"
#include "tests/integration/bluez/radio_world.hpp"

namespace beacon_gateway_test {
namespace {

using namespace beacon_gateway;

int minor_of(const Advertisement& advertisement) {
  for (const Frame& frame : decode(advertisement.payload.bytes(), {}))
    if (const auto* beacon = std::get_if<IBeacon>(&frame)) return beacon->minor;
  return -1;
}

TEST_CASE("a tag is heard as it was sent, for as long as it sends") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  bluez.plug({});
  bluez.run();
  FakeDevice sent = tag(7);
  sent.rssi_dbm = -71;
  bluez.advertise(sent);
  const Listener listener{hasty_options(bus)};
  REQUIRE(listener.hears(sent.address));
  const auto heard = listener.last(sent.address);
  CHECK(minor_of(*heard) == 7);
  CHECK(heard->rssi_dbm == -71);
  CHECK(heard->scanner == 0);
  CHECK(heard->address.type == AddressType::random_static);
  CHECK(bluez.filter() == "le,duplicates");
  CHECK(soon([&] { return listener.scanner().state == "scanning"; }));
  CHECK(soon([&] { return listener.scanner().mode == ScanMode::discovery_only; }));
  CHECK(soon([&] { return listener.scanner().advertisements_a_second.value_or(0) > 1; }));
  CHECK(soon([&] { return listener.scanner().hears == PacketShare::every_packet; }));
  SECTION("and when BlueZ forgets it meanwhile") {
    bluez.forget_devices();
    CHECK(listener.hears(sent.address));
  }
}

TEST_CASE("a device that only appears is heard, one that is only remembered is not") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  bluez.plug({});
  bluez.run();
  FakeDevice once = tag(1);
  once.interval = std::chrono::hours{1};
  const Listener listener{hasty_options(bus)};
  REQUIRE(soon([&] { return bluez.discovering("hci0"); }));
  bluez.advertise(once);
  CHECK(soon([&] { return listener.heard(once.address) == 1; }));
}

TEST_CASE("the filter of duplicates: a monitor turns it off, restarts make up for it") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  FakeAdapter adapter;
  adapter.filters_duplicates = true;
  auto options = hasty_options(bus);
  SECTION("BlueZ with monitors") {
    adapter.has_monitors = true;
    bluez.plug(adapter);
    bluez.run();
    bluez.advertise(tag(1));
    const Listener listener{options};
    CHECK(soon([&] { return listener.scanner().mode == ScanMode::monitor; }));
    CHECK(soon([&] { return listener.scanner().hears == PacketShare::every_packet; }));
    CHECK(bluez.monitors() == 1);
    CHECK(bluez.monitor_patterns() == 5);
    bluez.release_monitors();  // and it is registered again, though BlueZ still knows it by its path
    CHECK(soon([&] { return bluez.monitors() == 1; }));
    CHECK(soon([&] { return listener.scanner().mode == ScanMode::monitor; }));
    CHECK(bluez.calls("RegisterMonitor") == 2);
  }
  SECTION("a BlueZ that a monitor makes crash") {
    adapter.has_monitors = true;
    adapter.modalias = "usb:v1D6Bp0246d0552";  // 5.82
    bluez.plug(adapter);
    bluez.run();
    const Listener listener{options};
    CHECK(soon([&] { return bluez.discovering("hci0"); }));
    CHECK(bluez.calls("RegisterMonitor") == 0);
  }
  SECTION("BlueZ without monitors") {
    adapter.scan_period = 4s;
    options = patient_options(bus);
    options.rescan_every = 2s;  // beyond what counts as a packet heard twice
    bluez.plug(adapter);
    bluez.run();
    for (std::uint8_t i = 1; i <= 30; ++i) bluez.advertise(tag(i));
    const Listener listener{options};
    CHECK(soon([&] { return listener.scanner().hears == PacketShare::once_a_scan; }));
    const auto starts = bluez.calls("StartDiscovery");
    CHECK(soon([&] { return bluez.calls("StartDiscovery") >= starts + 2; }));
    CHECK(listener.scanner().mode == ScanMode::discovery_only);  // never "none" in between
    CHECK(listener.scanner().hears == PacketShare::once_a_scan);
  }
}

TEST_CASE("a lone tag behind a controller that filters is heard at every start of the scan, from the first on") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  FakeAdapter adapter;
  adapter.filters_duplicates = true;
  adapter.scan_period = 10min;  // the kernel's own start is of no help
  bluez.plug(adapter);
  bluez.run();
  bluez.advertise(tag(1));
  auto options = patient_options(bus);
  options.rescan_every = 100ms;
  const Listener listener{options};
  CHECK(soon([&] { return listener.heard(tag(1).address) >= 5; }));
  CHECK(listener.scanner().hears == PacketShare::unknown);  // a verdict takes more
}

TEST_CASE("two adapters, one by its address") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  bluez.plug({});
  bluez.plug({.name = "hci5", .address = "00:AA:01:00:00:C5"});
  bluez.run();
  bluez.advertise(tag(1));
  auto options = hasty_options(bus);
  options.adapters = {"00:aa:01:00:00:c5", "hci0", "hci9"};
  const Listener listener{options};
  CHECK(soon([&] { return listener.scanner(0).state == "scanning" && listener.scanner(1).state == "scanning"; }));
  CHECK(soon([&] { return listener.scanner(2).state == "the adapter is not there"; }));
  CHECK(soon([&] { return listener.last(tag(1).address) && listener.last(tag(1).address)->scanner == 0; }));
  CHECK(soon([&] { return listener.last(tag(1).address)->scanner == 1; }));
}

TEST_CASE("old parts in a dictionary that only grows are not heard again") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  bluez.plug({});
  bluez.keep_old_parts(true);
  bluez.run();
  bluez.advertise(tag(1));
  const Listener listener{hasty_options(bus)};
  REQUIRE(listener.hears(tag(1).address));
  FakeDevice rotated = tag(1);
  rotated.manufacturer = {{0x0118, {1, 2, 3}}};
  bluez.advertise(rotated);
  CHECK(soon([&] { return minor_of(*listener.last(rotated.address)) == -1; }));
  CHECK(listener.hears(rotated.address));
  CHECK(minor_of(*listener.last(rotated.address)) == -1);
}

TEST_CASE("what is no word of BlueZ's changes nothing and is counted") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  bluez.plug({});
  bluez.run();
  bluez.advertise(tag(1));
  const Listener listener{hasty_options(bus)};
  REQUIRE(listener.hears(tag(1).address));
  SECTION("messages of every wrong form") {
    bluez.send_odd_messages();
    CHECK(soon([&] { return listener.status().odd_messages >= 8; }));
    CHECK(listener.heard("C0:00:00:00:00:0D") == 0);
  }
  SECTION("what another program says in BlueZ's name") {
    bluez.send_as_impostor(tag(2));
    CHECK(soon([&] { return listener.status().foreign_messages >= 1; }));
    CHECK(listener.heard(tag(2).address) == 0);
  }
  CHECK(listener.hears(tag(1).address));
  CHECK(bluez.calls("StartDiscovery") == 1);
}

TEST_CASE("the radio stops at once, whatever there is") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  const auto began = std::chrono::steady_clock::now();
  SECTION("no BlueZ") {
    const Listener listener{hasty_options(bus)};
  }
  SECTION("no answer") {
    bluez.plug({});
    bluez.answer("GetManagedObjects", "silence");
    bluez.run();
    const Listener listener{hasty_options(bus)};
    CHECK(soon([&] { return bluez.calls("GetManagedObjects") > 0; }));
  }
  SECTION("no bus") {
    const auto options = hasty_options(bus);
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
    const Listener listener{options};
    CHECK(soon([&] { return !listener.scanner().state.empty(); }));
  }
  CHECK(std::chrono::steady_clock::now() - began < 5s);
}

}  // namespace
}  // namespace beacon_gateway_test
