// Messages as bluetoothd writes them, by sd-bus alone: what the driver reads is not written by the driver's own code.
#pragma once

#include <systemd/sd-bus.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/fakes/bluez/fake_bluez.hpp"

namespace beacon_gateway_test {

// Throws std::runtime_error on a negative errno.
void require(int result, const char* what);

[[nodiscard]] std::string adapter_path(const std::string& name);
[[nodiscard]] std::string device_path(const std::string& adapter, std::string address);

// A message under construction.
class Out {
 public:
  explicit Out(sd_bus_message* message) : message_(message) {}
  template <class... Values>
  Out& append(const char* types, Values... values) {
    require(sd_bus_message_append(message_, types, values...), "append");
    return *this;
  }
  Out& open(char type, const char* contents) {
    require(sd_bus_message_open_container(message_, type, contents), "open");
    return *this;
  }
  Out& close(int levels = 1) {
    for (; levels > 0; --levels) require(sd_bus_message_close_container(message_), "close");
    return *this;
  }
  // An entry of a{sv} with a basic value.
  template <class Value>
  Out& property(const char* name, const char* type, Value value) {
    return open('e', "sv").append("s", name).open('v', type).append(type, value).close(2);
  }
  Out& octets(const std::vector<std::uint8_t>& value) {
    require(sd_bus_message_append_array(message_, 'y', value.data(), value.size()), "octets");
    return *this;
  }

 private:
  sd_bus_message* message_;
};

// Entries of a{sv}: the data that the device sends.
void append_data(Out& out, const FakeDevice& device);
// a{sv}: all of Device1 that matters, and some that does not.
void append_device(Out& out, const FakeDevice& device);

}  // namespace beacon_gateway_test
