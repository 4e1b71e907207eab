// LEAdvertisingManager1: what clients put on the air, and who hears it.
#include <algorithm>
#include <utility>

#include "tests/fakes/bluez/fake_world.hpp"

namespace beacon_gateway_test {
namespace {

constexpr milliseconds kInterval{20};

std::vector<std::uint8_t> octets(sd_bus_message* message) {
  const void* data = nullptr;
  std::size_t size = 0;
  require(sd_bus_message_enter_container(message, 'v', "ay"), "octets");
  require(sd_bus_message_read_array(message, 'y', &data, &size), "octets");
  require(sd_bus_message_exit_container(message), "octets");
  const auto* first = static_cast<const std::uint8_t*>(data);
  return {first, first + size};
}

// A dictionary of octets: a{qv} or a{sv}.
template <class Key, class Read>
std::map<Key, std::vector<std::uint8_t>> parts(sd_bus_message* message, const char* contents, const char* entry,
                                               Read read_key) {
  std::map<Key, std::vector<std::uint8_t>> held;
  require(sd_bus_message_enter_container(message, 'a', contents), "parts");
  while (sd_bus_message_enter_container(message, 'e', entry) > 0) {
    const Key key = read_key();
    held[key] = octets(message);
    require(sd_bus_message_exit_container(message), "part");
  }
  require(sd_bus_message_exit_container(message), "parts");
  return held;
}

void read_property(sd_bus_message* message, const std::string& name, const char* type, FakeAdvertisement& into) {
  const auto text = [&] {
    const char* value = "";
    require(sd_bus_message_read(message, "s", &value), "text");
    return std::string{value};
  };
  if (name == "Type") {
    into.type = text();
  } else if (name == "ManufacturerData") {
    into.manufacturer = parts<std::uint16_t>(message, "{qv}", "qv", [&] {
      std::uint16_t company = 0;
      require(sd_bus_message_read(message, "q", &company), "company");
      return company;
    });
  } else if (name == "ServiceData") {
    into.services = parts<std::string>(message, "{sv}", "sv", text);
  } else if (name == "ServiceUUIDs") {
    require(sd_bus_message_enter_container(message, 'a', "s"), "uuids");
    while (sd_bus_message_at_end(message, 0) == 0) into.service_uuids.push_back(text());
    require(sd_bus_message_exit_container(message), "uuids");
  } else if (name == "MinInterval") {
    require(sd_bus_message_read(message, "u", &into.least_interval_ms), "interval");
  } else {
    require(sd_bus_message_skip(message, type), "property");
  }
}

// As BlueZ reads it: GetAll of the client's object.
FakeAdvertisement read_advertisement(sd_bus_message* reply) {
  FakeAdvertisement read;
  require(sd_bus_message_enter_container(reply, 'a', "{sv}"), "properties");
  while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
    const char* name = nullptr;
    const char* type = nullptr;
    require(sd_bus_message_read(reply, "s", &name), "name");
    require(sd_bus_message_peek_type(reply, nullptr, &type), "type");
    require(sd_bus_message_enter_container(reply, 'v', type), "value");
    read_property(reply, name, type, read);
    require(sd_bus_message_exit_container(reply), "value");
    require(sd_bus_message_exit_container(reply), "property");
  }
  return read;
}

}  // namespace

int FakeBluez::World::advertising_method(sd_bus_message* call, Adapter& adapter, const std::string& member) {
  if (adapter.facts.most_advertisements == 0)
    return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_UNKNOWN_METHOD, "no such interface");
  if (member == "RegisterAdvertisement") return register_advertisement(call, adapter);
  const char* path = nullptr;
  require(sd_bus_message_read(call, "o", &path), "UnregisterAdvertisement");
  const std::string sender = sd_bus_message_get_sender(call);
  const bool known = std::erase_if(adapter.advertised,
                                   [&](const Advertised& one) { return one.client == sender && one.path == path; }) > 0;
  if (known) return sd_bus_reply_method_return(call, "");
  return sd_bus_reply_method_errorf(call, "org.bluez.Error.DoesNotExist", "Does Not Exist");
}

int FakeBluez::World::register_advertisement(sd_bus_message* call, Adapter& adapter) {
  const char* path = nullptr;
  const std::string sender = sd_bus_message_get_sender(call);
  require(sd_bus_message_read(call, "o", &path), "RegisterAdvertisement");
  const auto refuse = [&](const char* error) { return sd_bus_reply_method_errorf(call, error, "refused"); };
  if (std::ranges::any_of(adapter.advertised,
                          [&](const Advertised& one) { return one.client == sender && one.path == path; }))
    return refuse("org.bluez.Error.AlreadyExists");
  if (!adapter.facts.powered) return refuse("org.bluez.Error.Failed");
  if (adapter.advertised.size() >= adapter.facts.most_advertisements) return refuse("org.bluez.Error.NotPermitted");
  adapter.advertised.push_back({sender, path, {}, false});
  auto* asked = &asked_.emplace_back(Asked{this, adapter.facts.name, sender, path, sd_bus_message_ref(call)});
  require(sd_bus_call_method_async(bus_, nullptr, sender.c_str(), path, "org.freedesktop.DBus.Properties", "GetAll",
                                   advertisement_read, asked, "s", "org.bluez.LEAdvertisement1"),
          "GetAll");
  return 1;  // answered when it was read
}

int FakeBluez::World::advertisement_read(sd_bus_message* reply, void* data, sd_bus_error* /*error*/) {
  auto* asked = static_cast<Asked*>(data);
  sd_bus_message* call = std::exchange(asked->call, nullptr);
  auto& advertised = asked->world->adapters_[asked->adapter].advertised;
  const auto ours = std::ranges::find_if(advertised, [&](const Advertised& one) {
    return one.client == asked->client && one.path == asked->root && !one.active;
  });
  int result = 0;
  if (ours == advertised.end() || sd_bus_message_is_method_error(reply, nullptr) != 0) {
    result = sd_bus_reply_method_errorf(call, "org.bluez.Error.Failed", "Failed to parse advertisement.");
  } else {
    ours->content = read_advertisement(reply);
    ours->active = true;
    result = sd_bus_reply_method_return(call, "");
  }
  sd_bus_message_unref(call);
  return result;
}

// The client's advertisement leaves the air, and is no longer known.
void FakeBluez::World::release_advertisements(Adapter& adapter) {
  for (const Advertised& one : adapter.advertised)
    require(sd_bus_call_method_async(bus_, nullptr, one.client.c_str(), one.path.c_str(), "org.bluez.LEAdvertisement1",
                                     "Release", nullptr, nullptr, ""),
            "Release");
  adapter.advertised.clear();
}

// Each adapter hears what the others send, from an address that belongs to nobody.
void FakeBluez::World::breathe_advertisements() {
  const auto now = Clock::now();
  if (now < advertised_at_) return;
  advertised_at_ = now + kInterval;
  for (const auto& [sender, adapter] : adapters_) {
    for (const Advertised& one : adapter.advertised) {
      if (!one.active || !adapter.facts.powered) continue;
      FakeDevice device;
      device.address = "3A:00:00:00:00:" + adapter.facts.address.substr(adapter.facts.address.size() - 2);
      device.manufacturer = one.content.manufacturer;
      device.services = one.content.services;
      for (auto& [listener, other] : adapters_)
        if (listener != sender) report(other, device);
    }
  }
}

}  // namespace beacon_gateway_test
