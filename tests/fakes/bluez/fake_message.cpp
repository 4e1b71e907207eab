#include "tests/fakes/bluez/fake_message.hpp"

#include <algorithm>
#include <stdexcept>

namespace beacon_gateway_test {

void require(int result, const char* what) {
  if (result < 0) throw std::runtime_error(std::string{"fake bluez: "} + what + ": " + std::to_string(result));
}

std::string adapter_path(const std::string& name) {
  return "/org/bluez/" + name;
}
std::string device_path(const std::string& adapter, std::string address) {
  std::ranges::replace(address, ':', '_');
  return adapter_path(adapter) + "/dev_" + address;
}

void append_data(Out& out, const FakeDevice& device) {
  if (!device.manufacturer.empty()) {
    out.open('e', "sv").append("s", "ManufacturerData").open('v', "a{qv}").open('a', "{qv}");
    for (const auto& [company, data] : device.manufacturer)
      out.open('e', "qv").append("q", company).open('v', "ay").octets(data).close(2);
    out.close(3);
  }
  if (!device.services.empty()) {
    out.open('e', "sv").append("s", "ServiceData").open('v', "a{sv}").open('a', "{sv}");
    for (const auto& [service, data] : device.services)
      out.open('e', "sv").append("s", service.c_str()).open('v', "ay").octets(data).close(2);
    out.close(3);
  }
}

void append_device(Out& out, const FakeDevice& device) {
  out.open('a', "{sv}");
  out.property("Address", "s", device.address.c_str())
      .property("AddressType", "s", device.random ? "random" : "public");
  out.property("Paired", "b", 0);
  out.open('e', "sv").append("s", "UUIDs").open('v', "as").append("as", 0).close(2);
  append_data(out, device);
  out.property("RSSI", "n", static_cast<int>(device.rssi_dbm));
  out.close();
}

}  // namespace beacon_gateway_test
