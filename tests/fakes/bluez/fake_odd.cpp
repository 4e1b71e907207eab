// What bluetoothd would never say, and what others say in its name.
#include "tests/fakes/bluez/fake_world.hpp"

namespace beacon_gateway_test {

void FakeBluez::World::send_odd() {
  const std::string path = "/org/bluez/hci0/dev_C0_00_00_00_00_0D";
  const char* device = "org.bluez.Device1";
  properties_changed(path, device, [](Out& out) { out.property("RSSI", "s", "loud"); });
  properties_changed(path, device, [](Out& out) { out.property("ManufacturerData", "s", "none"); });
  properties_changed(path, device, [](Out& out) {  // octets that are none
    out.open('e', "sv").append("s", "ManufacturerData").open('v', "a{qv}").append("a{qv}", 1, 76, "s", "text").close(2);
  });
  properties_changed(path, device, [](Out& out) {  // no service at all
    out.open('e', "sv").append("s", "ServiceData").open('v', "a{sv}").append("a{sv}", 1, "?", "ay", 2, 1, 2).close(2);
  });
  properties_changed(path, device, [](Out& out) {  // more than any beacon has
    out.open('e', "sv").append("s", "UUIDs").open('v', "as").open('a', "s");
    for (int i = 0; i < 1000; ++i) out.append("s", "0000feaa-0000-1000-8000-00805f9b34fb");
    out.close(3);
  });
  properties_changed(path, device, [](Out& out) {  // as deep as it goes
    out.open('e', "sv").append("s", "Future").open('v', "a(a{sv}v)");
    out.append("a(a{sv}v)", 1, 1, "x", "v", "s", "y", "(yb)", 1, 1).close(2);
  });
  properties_changed(path, device, [](Out& out) { out.property("Address", "s", "not an address"); });
  properties_changed(path + "/service0001", device, [](Out& out) { out.property("RSSI", "n", -50); });
  signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", [&](Out& out) { out.append("u", 7U); });
  signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", [&](Out&) {});
  signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
         [&](Out& out) { out.append("sas", device, 1, "x"); });
  signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
         [&](Out& out) { out.append("s", "/org/bluez"); });
  signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
         [&](Out& out) { out.append("oas", path.c_str(), 0); });
  signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", [&](Out& out) { out.append("u", 7U); });
  signal("/", "org.freedesktop.DBus.ObjectManager", "Unheard", [&](Out&) {});
  properties_changed(adapter_path("hci0"), "org.bluez.Adapter1", [](Out& out) { out.property("Powered", "s", "yes"); });
}

void FakeBluez::World::send_as_impostor(const FakeDevice& device) {
  sd_bus* other = nullptr;
  require(sd_bus_new(&other), "new");
  require(sd_bus_set_address(other, address_.c_str()), "address");
  require(sd_bus_set_bus_client(other, 1), "client");
  require(sd_bus_start(other), "start");
  for (const std::string& client : clients_) {
    sd_bus_message* message = nullptr;
    require(sd_bus_message_new_signal(other, &message, device_path("hci0", device.address).c_str(),
                                      "org.freedesktop.DBus.Properties", "PropertiesChanged"),
            "signal");
    require(sd_bus_message_set_destination(message, client.c_str()), "destination");
    Out out{message};
    out.append("s", "org.bluez.Device1");
    append_device(out, device);
    out.append("as", 0);
    require(sd_bus_send(other, message, nullptr), "send");
    sd_bus_message_unref(message);
  }
  sd_bus_flush_close_unref(other);
}

}  // namespace beacon_gateway_test
