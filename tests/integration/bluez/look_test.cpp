#include "drivers/bluez/look.hpp"

#include <cstdlib>

#include "tests/catch.hpp"
#include "tests/integration/bluez/radio_world.hpp"

using namespace beacon_gateway;

namespace beacon_gateway_test {
namespace {

// Makes `bus` the system bus of this process.
BluetoothReport look(const PrivateBus& bus) {
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
  return bluez::look_at_bluez(500ms);
}

TEST_CASE("a look tells bus, bluetoothd, its version and its adapters, and changes nothing") {
  PrivateBus bus;
  FakeBluez bluez{bus.address()};
  bluez.plug({.has_monitors = true});
  bluez.plug({"hci1", "00:AA:01:00:00:02", false, true, "usb:v1D6Bp0246d0550"});
  bluez.plug({"hci2", "00:AA:01:00:00:03", true, false, ""});
  const BluetoothReport without = look(bus);
  CHECK(without.bus_trouble.empty());
  CHECK_FALSE(without.bluetoothd_runs);

  bluez.run();
  BluetoothReport report;
  REQUIRE(soon([&] {
    report = look(bus);
    return report.adapters.size() == 3;
  }));
  CHECK(report.bluetoothd_runs);
  CHECK(report.bluez_trouble.empty());
  CHECK(report.adapters[0].name == "hci0");
  CHECK(report.adapters[0].address == "00:AA:01:00:00:01");
  CHECK(report.adapters[0].powered);
  CHECK(report.adapters[0].bluez_version == "5.66");
  CHECK(report.adapters[0].monitors == MonitorSupport::safe);
  CHECK_FALSE(report.adapters[1].powered);
  CHECK(report.adapters[1].monitors == MonitorSupport::crashes);
  CHECK(report.adapters[2].monitors == MonitorSupport::absent);
  CHECK(report.adapters[2].bluez_version.empty());
  CHECK(bluez.calls("StartDiscovery") == 0);
  CHECK(bluez.monitors() == 0);

  bluez.answer("GetManagedObjects", "org.bluez.Error.Failed");
  CHECK(look(bus).bluez_trouble == "org.bluez.Error.Failed");
  bluez.answer("GetManagedObjects", "silence");
  CHECK(look(bus).bluez_trouble == "it does not answer");
  bus.kill();
  CHECK_FALSE(look(bus).bus_trouble.empty());
}

}  // namespace
}  // namespace beacon_gateway_test
