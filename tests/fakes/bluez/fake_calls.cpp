// What clients ask of bluetoothd.
#include <algorithm>

#include "tests/fakes/bluez/fake_world.hpp"

namespace beacon_gateway_test {

int FakeBluez::World::called(sd_bus_message* call, void* self, sd_bus_error* /*error*/) {
  return static_cast<World*>(self)->handle(call);
}

int FakeBluez::World::handle(sd_bus_message* call) {
  const std::string member = sd_bus_message_get_member(call);
  const std::string path = sd_bus_message_get_path(call);
  clients_.insert(sd_bus_message_get_sender(call));
  ++calls_[member];
  if (const auto answer = answers_.find(member); answer != answers_.end()) {
    if (answer->second == "silence") return 1;
    return sd_bus_reply_method_errorf(call, answer->second.c_str(), "as the test wants it");
  }
  if (member == "GetManagedObjects" && path == "/") {
    sd_bus_message* reply = nullptr;
    require(sd_bus_message_new_method_return(call, &reply), "reply");
    list_objects(reply);
    require(sd_bus_send(bus_, reply, nullptr), "reply");
    sd_bus_message_unref(reply);
    return 1;
  }
  for (auto& [name, adapter] : adapters_) {
    if (!adapter.on_bus) continue;
    if (path == adapter_path(name)) return adapter_method(call, adapter, member);
    const auto device = adapter.devices.find(path);
    if (device == adapter.devices.end() || member != "GetAll") continue;
    sd_bus_message* reply = nullptr;
    require(sd_bus_message_new_method_return(call, &reply), "reply");
    Out out{reply};
    append_device(out, device->second);
    require(sd_bus_send(bus_, reply, nullptr), "reply");
    sd_bus_message_unref(reply);
    return 1;
  }
  return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_UNKNOWN_OBJECT, "no such object");
}

void FakeBluez::World::list_objects(sd_bus_message* reply) {
  Out out{reply};
  out.open('a', "{oa{sa{sv}}}");
  out.open('e', "oa{sa{sv}}").append("o", "/org/bluez").append("a{sa{sv}}", 0).close();
  for (const auto& [name, adapter] : adapters_) {
    if (!adapter.on_bus) continue;
    out.open('e', "oa{sa{sv}}").append("o", adapter_path(name).c_str());
    append_adapter(out, adapter);
    out.close();
    for (const auto& [path, device] : adapter.devices) {
      out.open('e', "oa{sa{sv}}").append("o", path.c_str()).open('a', "{sa{sv}}");
      out.open('e', "sa{sv}").append("s", "org.bluez.Device1");
      append_device(out, device);
      out.close(3);
    }
  }
  out.close();
}

int FakeBluez::World::adapter_method(sd_bus_message* call, Adapter& adapter, const std::string& member) {
  const auto refuse = [&](const char* error, const char* text) {
    return sd_bus_reply_method_errorf(call, error, "%s", text);
  };
  const std::string sender = sd_bus_message_get_sender(call);
  if (member == "Set") {
    int on = 0;
    require(sd_bus_message_skip(call, "ss"), "Set");
    require(sd_bus_message_read(call, "v", "b", &on), "Powered");
    set_powered(adapter, on != 0);
    return sd_bus_reply_method_return(call, "");
  }
  if (member.ends_with("Advertisement")) return advertising_method(call, adapter, member);
  if (member == "RegisterMonitor" && adapter.facts.has_monitors) return register_monitor(call, adapter);
  if (member == "UnregisterMonitor" && adapter.facts.has_monitors) {
    const bool known = std::erase_if(adapter.monitors, [&](const Monitor& one) { return one.client == sender; }) > 0;
    return known ? sd_bus_reply_method_return(call, "") : refuse("org.bluez.Error.DoesNotExist", "Does Not Exist");
  }
  if (member == "SetDiscoveryFilter" || member == "StartDiscovery") {
    if (!adapter.facts.powered) return refuse("org.bluez.Error.NotReady", "Resource Not Ready");
  }
  if (member == "SetDiscoveryFilter") {
    const char* transport = "";
    int duplicates = 0;
    if (sd_bus_message_read(call, "a{sv}", 2, nullptr, "s", &transport, nullptr, "b", &duplicates) >= 0)
      filter_ = std::string{transport} + (duplicates != 0 ? ",duplicates" : "");
    return sd_bus_reply_method_return(call, "");
  }
  if (member == "StartDiscovery") {
    if (!adapter.clients.insert(sender).second)
      return refuse("org.bluez.Error.InProgress", "Operation already in progress");
    set_discovering(adapter, true);
    return sd_bus_reply_method_return(call, "");
  }
  if (member == "StopDiscovery") {
    if (adapter.clients.erase(sender) == 0) return refuse("org.bluez.Error.Failed", "No discovery started");
    if (adapter.clients.empty()) set_discovering(adapter, false);
    return sd_bus_reply_method_return(call, "");
  }
  return refuse(SD_BUS_ERROR_UNKNOWN_METHOD, "no such method");
}

// As bluetoothd: the application stays known, its monitor is no longer in force.
void FakeBluez::World::release_monitors(Adapter& adapter) {
  for (Monitor& monitor : adapter.monitors) {
    if (!monitor.active) continue;
    monitor.active = false;
    require(sd_bus_call_method_async(bus_, nullptr, monitor.client.c_str(), (monitor.root + "/monitor").c_str(),
                                     "org.bluez.AdvertisementMonitor1", "Release", nullptr, nullptr, ""),
            "Release");
  }
}

// As bluetoothd: the application is asked for its objects, then told that its monitor is in force.
int FakeBluez::World::register_monitor(sd_bus_message* call, Adapter& adapter) {
  const char* root = nullptr;
  require(sd_bus_message_read(call, "o", &root), "RegisterMonitor");
  const bool known = std::ranges::any_of(
      adapter.monitors, [&](const Monitor& one) { return one.client == sd_bus_message_get_sender(call); });
  if (known) return sd_bus_reply_method_errorf(call, "org.bluez.Error.AlreadyExists", "Already Exists");
  adapter.monitors.push_back({sd_bus_message_get_sender(call), root, false});
  auto* pending = &asked_.emplace_back(Asked{this, adapter.facts.name, sd_bus_message_get_sender(call), root});
  const auto listed = [](sd_bus_message* reply, void* data, sd_bus_error*) {
    const auto* asked = static_cast<Asked*>(data);
    World& world = *asked->world;
    if (sd_bus_message_is_method_error(reply, nullptr) != 0) return 1;
    // a{oa{sa{sv}}}: the monitor's patterns are counted, whatever stands around them.
    world.patterns_ = 0;
    require(sd_bus_message_enter_container(reply, 'a', "{oa{sa{sv}}}"), "objects");
    while (sd_bus_message_enter_container(reply, 'e', "oa{sa{sv}}") > 0) {
      require(sd_bus_message_skip(reply, "o"), "path");
      require(sd_bus_message_enter_container(reply, 'a', "{sa{sv}}"), "interfaces");
      while (sd_bus_message_enter_container(reply, 'e', "sa{sv}") > 0) {
        require(sd_bus_message_skip(reply, "s"), "interface");
        require(sd_bus_message_enter_container(reply, 'a', "{sv}"), "properties");
        while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
          const char* name = nullptr;
          require(sd_bus_message_read(reply, "s", &name), "name");
          if (std::string_view{name} == "Patterns") {
            require(sd_bus_message_enter_container(reply, 'v', "a(yyay)"), "patterns");
            require(sd_bus_message_enter_container(reply, 'a', "(yyay)"), "patterns");
            while (sd_bus_message_at_end(reply, 0) == 0) {
              require(sd_bus_message_skip(reply, "(yyay)"), "pattern");
              ++world.patterns_;
            }
            require(sd_bus_message_exit_container(reply), "patterns");
            require(sd_bus_message_exit_container(reply), "patterns");
          } else {
            require(sd_bus_message_skip(reply, "v"), "value");
          }
          require(sd_bus_message_exit_container(reply), "property");
        }
        require(sd_bus_message_exit_container(reply), "properties");
        require(sd_bus_message_exit_container(reply), "interface");
      }
      require(sd_bus_message_exit_container(reply), "interfaces");
      require(sd_bus_message_exit_container(reply), "object");
    }
    for (Monitor& monitor : world.adapters_[asked->adapter].monitors)
      if (monitor.client == asked->client && world.patterns_ > 0) monitor.active = true;
    return sd_bus_call_method_async(world.bus_, nullptr, asked->client.c_str(), (asked->root + "/monitor").c_str(),
                                    "org.bluez.AdvertisementMonitor1", "Activate", nullptr, nullptr, "");
  };
  require(sd_bus_call_method_async(bus_, nullptr, pending->client.c_str(), root, "org.freedesktop.DBus.ObjectManager",
                                   "GetManagedObjects", listed, pending, ""),
          "GetManagedObjects");
  return sd_bus_reply_method_return(call, "");
}

}  // namespace beacon_gateway_test
