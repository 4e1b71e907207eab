#include "tests/fakes/bluez/fake_bluez.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

namespace beacon_gateway_test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kMessagesPerTurn = 512;
constexpr milliseconds kTurn{5};

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

// All of Device1 that matters, and some that does not.
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

}  // namespace

class FakeBluez::World {
 public:
  explicit World(std::string address) : address_(std::move(address)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    thread_ = std::thread{[this] { live(); }};
  }
  ~World() {
    act([this] { over_ = true; });
    thread_.join();
    close();
    ::close(wake_);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Runs `action` on the world's thread and waits for it.
  template <class Action>
  auto act(Action action) -> decltype(action()) {
    using Result = decltype(action());
    std::mutex mutex;
    std::condition_variable done_condition;
    bool done = false;
    std::conditional_t<std::is_void_v<Result>, int, Result> result{};
    {
      const std::lock_guard lock{actions_mutex_};
      actions_.push_back([&] {
        if constexpr (std::is_void_v<Result>)
          action();
        else
          result = action();
        const std::lock_guard done_lock{mutex};
        done = true;
        done_condition.notify_one();
      });
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
    std::unique_lock lock{mutex};
    done_condition.wait(lock, [&] { return done; });
    if constexpr (!std::is_void_v<Result>) return result;
  }

  struct Monitor {
    std::string client;
    std::string root;
    bool active = false;
  };
  struct Adapter {
    FakeAdapter facts;
    bool on_bus = false;
    bool discovering = false;
    std::string client;  // whose discovery it is
    std::vector<Monitor> monitors;
    std::map<std::string, FakeDevice> devices;  // by path; as they were told last
    std::set<std::string> heard;                // by the controller, in this period
    Clock::time_point period_end{};
  };
  struct OnAir {
    FakeDevice device;
    Clock::time_point due;
  };

  void open(milliseconds adapters_after);
  void close();
  void say_goodbye();
  void show(Adapter& adapter);
  void hide(Adapter& adapter);
  void set_discovering(Adapter& adapter, bool on);
  void set_powered(Adapter& adapter, bool on);
  void report(Adapter& adapter, const FakeDevice& device);
  void drop_devices(Adapter& adapter);
  void send_odd();
  void send_as_impostor(const FakeDevice& device);

  std::map<std::string, Adapter> adapters_;
  std::map<std::string, OnAir> air_;
  std::map<std::string, std::string> answers_;
  std::map<std::string, std::uint32_t> calls_;
  std::string filter_;
  std::uint32_t patterns_ = 0;
  bool silent_ = false;
  bool keeps_old_ = false;
  std::uint32_t flood_left_ = 0;
  std::uint32_t flood_a_second_ = 0;
  std::uint32_t flood_number_ = 0;
  Clock::time_point flood_at_{};

 private:
  void live();
  void turn();
  void breathe();
  void breathe_flood();
  static int called(sd_bus_message* call, void* self, sd_bus_error* error);
  static int owner_changed(sd_bus_message* signal, void* self, sd_bus_error* error);
  int handle(sd_bus_message* call);
  int adapter_method(sd_bus_message* call, Adapter& adapter, const std::string& member);
  int register_monitor(sd_bus_message* call, Adapter& adapter);
  void list_objects(sd_bus_message* reply);
  void append_adapter(Out& out, const Adapter& adapter);
  void client_is_gone(const std::string& client);

  // An application that is asked for its objects.
  struct Asked {
    World* world;
    std::string adapter;
    std::string client;
    std::string root;
  };

  // Sends a signal that `fill` writes.
  template <class Fill>
  void signal(const std::string& path, const char* interface, const char* member, Fill fill) {
    if (bus_ == nullptr) return;
    sd_bus_message* message = nullptr;
    require(sd_bus_message_new_signal(bus_, &message, path.c_str(), interface, member), "signal");
    Out out{message};
    fill(out);
    static_cast<void>(sd_bus_send(bus_, message, nullptr));  // a bus that is gone is noticed by the loop
    sd_bus_message_unref(message);
  }
  template <class Fill>
  void properties_changed(const std::string& path, const char* interface, Fill fill) {
    signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", [&](Out& out) {
      out.append("s", interface).open('a', "{sv}");
      fill(out);
      out.close().append("as", 0);
    });
  }

  std::string address_;
  int wake_;
  std::mutex actions_mutex_;
  std::deque<std::function<void()>> actions_;
  sd_bus* bus_ = nullptr;
  std::optional<Clock::time_point> adapters_at_;
  std::set<std::string> clients_;
  std::deque<Asked> asked_;
  bool over_ = false;
  std::thread thread_;
};

// --- The loop

void FakeBluez::World::live() {
  while (!over_) {
    turn();
    std::array<pollfd, 2> wait{pollfd{wake_, POLLIN, 0}, pollfd{-1, 0, 0}};
    if (bus_ != nullptr) {
      wait[1].fd = sd_bus_get_fd(bus_);
      wait[1].events = static_cast<short>(sd_bus_get_events(bus_));
    }
    ::poll(wait.data(), wait.size(), static_cast<int>(kTurn.count()));
    std::uint64_t woken = 0;
    [[maybe_unused]] const auto taken = ::read(wake_, &woken, sizeof woken);
  }
}

void FakeBluez::World::turn() {
  for (int i = 0; i < kMessagesPerTurn && bus_ != nullptr; ++i) {
    const int result = sd_bus_process(bus_, nullptr);
    if (result < 0) close();
    if (result <= 0) break;
  }
  std::deque<std::function<void()>> actions;
  {
    const std::lock_guard lock{actions_mutex_};
    actions.swap(actions_);
  }
  if (adapters_at_ && Clock::now() >= *adapters_at_) {
    adapters_at_.reset();
    for (auto& [name, adapter] : adapters_) show(adapter);
  }
  for (const auto& action : actions) action();
  breathe();
  if (bus_ != nullptr && sd_bus_flush(bus_) < 0) close();
}

// Everything on the air that is due.
void FakeBluez::World::breathe() {
  const auto now = Clock::now();
  for (auto& [name, adapter] : adapters_) {
    if (now < adapter.period_end) continue;
    adapter.period_end = now + adapter.facts.scan_period;
    adapter.heard.clear();
  }
  for (auto& [address, on_air] : air_) {
    if (now < on_air.due) continue;
    on_air.due = now + on_air.device.interval;
    for (auto& [name, adapter] : adapters_) report(adapter, on_air.device);
  }
  breathe_flood();
}

void FakeBluez::World::breathe_flood() {
  if (flood_left_ == 0) return;
  const auto now = Clock::now();
  const auto due = static_cast<std::uint32_t>(std::chrono::duration<double>(now - flood_at_).count() * flood_a_second_);
  if (due == 0) return;
  flood_at_ = now;
  for (std::uint32_t i = 0; i < std::min(due, kMessagesPerTurn + 0U) && flood_left_ > 0; ++i, --flood_left_) {
    char address[18];
    const std::uint32_t n = flood_number_++;
    std::snprintf(address, sizeof address, "5A:00:%02X:%02X:%02X:%02X", n >> 24, n >> 16 & 0xFF, n >> 8 & 0xFF,
                  n & 0xFF);
    FakeDevice stranger;
    stranger.address = address;
    stranger.manufacturer[0x004C] = {0x10, 0x05, 0x01, 0x18, 0x44, 0x00, 0x00};  // as phones nearby send
    for (auto& [name, adapter] : adapters_) {
      report(adapter, stranger);
      adapter.devices.erase(device_path(name, stranger.address));  // never heard again
      adapter.heard.erase(stranger.address);
    }
  }
}

// --- Coming and going

void FakeBluez::World::open(milliseconds adapters_after) {
  require(sd_bus_new(&bus_), "new");
  require(sd_bus_set_address(bus_, address_.c_str()), "address");
  require(sd_bus_set_bus_client(bus_, 1), "client");
  require(sd_bus_start(bus_), "start");
  require(sd_bus_add_fallback(bus_, nullptr, "/", called, this), "fallback");
  require(sd_bus_add_match(bus_, nullptr,
                           "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
                           "member='NameOwnerChanged'",
                           owner_changed, this),
          "match");
  require(sd_bus_request_name(bus_, "org.bluez", 0), "name");
  adapters_at_ = Clock::now() + adapters_after;
}

void FakeBluez::World::close() {
  if (bus_ != nullptr) sd_bus_close_unref(bus_);
  bus_ = nullptr;
  for (auto& [name, adapter] : adapters_) {
    adapter.on_bus = adapter.discovering = false;
    adapter.monitors.clear();
    adapter.devices.clear();
    adapter.heard.clear();
  }
  clients_.clear();
  adapters_at_.reset();
}

void FakeBluez::World::say_goodbye() {
  for (auto& [name, adapter] : adapters_) hide(adapter);
  if (bus_ != nullptr) sd_bus_flush(bus_);
}

void FakeBluez::World::append_adapter(Out& out, const Adapter& adapter) {
  out.open('a', "{sa{sv}}");
  out.open('e', "sa{sv}").append("s", "org.bluez.Adapter1").open('a', "{sv}");
  out.property("Address", "s", adapter.facts.address.c_str()).property("Modalias", "s", adapter.facts.modalias.c_str());
  out.property("Powered", "b", adapter.facts.powered ? 1 : 0).property("Discovering", "b", adapter.discovering ? 1 : 0);
  out.property("Class", "u", 0U).close(2);
  if (adapter.facts.has_monitors) {
    out.open('e', "sa{sv}").append("s", "org.bluez.AdvertisementMonitorManager1").open('a', "{sv}");
    out.open('e', "sv").append("s", "SupportedMonitorTypes").open('v', "as").append("as", 1, "or_patterns").close(2);
    out.close(2);
  }
  out.close();
}

void FakeBluez::World::show(Adapter& adapter) {
  if (bus_ == nullptr || adapter.on_bus) return;
  adapter.on_bus = true;
  signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", [&](Out& out) {
    out.append("o", adapter_path(adapter.facts.name).c_str());
    append_adapter(out, adapter);
  });
}

void FakeBluez::World::hide(Adapter& adapter) {
  if (!adapter.on_bus) return;
  set_discovering(adapter, false);
  adapter.on_bus = false;
  adapter.monitors.clear();
  signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", [&](Out& out) {
    out.append("o", adapter_path(adapter.facts.name).c_str()).append("as", 2, "org.bluez.Adapter1", "org.bluez.Media1");
  });
}

void FakeBluez::World::drop_devices(Adapter& adapter) {
  for (const auto& [path, device] : adapter.devices)
    signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved",
           [&](Out& out) { out.append("o", path.c_str()).append("as", 1, "org.bluez.Device1"); });
  adapter.devices.clear();
}

void FakeBluez::World::set_discovering(Adapter& adapter, bool on) {
  if (adapter.discovering == on) return;
  adapter.discovering = on;
  adapter.heard.clear();
  adapter.period_end = Clock::now() + adapter.facts.scan_period;
  properties_changed(adapter_path(adapter.facts.name), "org.bluez.Adapter1",
                     [&](Out& out) { out.property("Discovering", "b", on ? 1 : 0); });
  if (!on) drop_devices(adapter);
}

void FakeBluez::World::set_powered(Adapter& adapter, bool on) {
  if (adapter.facts.powered == on) return;
  if (!on) set_discovering(adapter, false);
  adapter.facts.powered = on;
  properties_changed(adapter_path(adapter.facts.name), "org.bluez.Adapter1",
                     [&](Out& out) { out.property("Powered", "b", on ? 1 : 0); });
}

int FakeBluez::World::owner_changed(sd_bus_message* signal, void* self, sd_bus_error* /*error*/) {
  const char* name = nullptr;
  const char* before = nullptr;
  const char* after = nullptr;
  if (sd_bus_message_read(signal, "sss", &name, &before, &after) >= 0 && *after == '\0')
    static_cast<World*>(self)->client_is_gone(name);
  return 0;
}

void FakeBluez::World::client_is_gone(const std::string& client) {
  clients_.erase(client);
  for (auto& [name, adapter] : adapters_) {
    if (adapter.client == client) set_discovering(adapter, false);
    std::erase_if(adapter.monitors, [&](const Monitor& monitor) { return monitor.client == client; });
  }
}

// --- What is heard

void FakeBluez::World::report(Adapter& adapter, const FakeDevice& device) {
  if (bus_ == nullptr || !adapter.on_bus || !adapter.discovering || silent_) return;
  const bool monitored = std::ranges::any_of(adapter.monitors, &Monitor::active);
  if (!adapter.heard.insert(device.address).second && adapter.facts.filters_duplicates && !monitored) return;
  const std::string path = device_path(adapter.facts.name, device.address);
  const auto known = adapter.devices.find(path);
  FakeDevice told = device;
  if (known != adapter.devices.end() && keeps_old_) told.manufacturer.merge(known->second.manufacturer);
  if (known == adapter.devices.end())
    signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", [&](Out& out) {
      out.append("o", path.c_str()).open('a', "{sa{sv}}");
      out.open('e', "sa{sv}").append("s", "org.freedesktop.DBus.Introspectable").append("a{sv}", 0).close();
      out.open('e', "sa{sv}").append("s", "org.bluez.Device1");
      append_device(out, told);
      out.close(2);
    });
  else
    properties_changed(path, "org.bluez.Device1", [&](Out& out) {
      append_data(out, told);
      out.property("RSSI", "n", static_cast<int>(told.rssi_dbm));
    });
  adapter.devices.insert_or_assign(path, told);
  for (const Monitor& monitor : adapter.monitors) {
    if (!monitor.active) continue;
    sd_bus_message* call = nullptr;
    require(sd_bus_message_new_method_call(bus_, &call, monitor.client.c_str(), (monitor.root + "/monitor").c_str(),
                                           "org.bluez.AdvertisementMonitor1", "DeviceFound"),
            "DeviceFound");
    Out{call}.append("o", path.c_str());
    sd_bus_message_set_expect_reply(call, 0);
    static_cast<void>(sd_bus_send(bus_, call, nullptr));
    sd_bus_message_unref(call);
  }
}

// --- Calls

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
  if (member == "RegisterMonitor" && adapter.facts.has_monitors) return register_monitor(call, adapter);
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
    if (adapter.discovering) return refuse("org.bluez.Error.InProgress", "Operation already in progress");
    adapter.client = sender;
    set_discovering(adapter, true);
    return sd_bus_reply_method_return(call, "");
  }
  if (member == "StopDiscovery") {
    if (!adapter.discovering || adapter.client != sender)
      return refuse("org.bluez.Error.Failed", "No discovery started");
    set_discovering(adapter, false);
    return sd_bus_reply_method_return(call, "");
  }
  return refuse(SD_BUS_ERROR_UNKNOWN_METHOD, "no such method");
}

// As bluetoothd: the application is asked for its objects, then told that its monitor is in force.
int FakeBluez::World::register_monitor(sd_bus_message* call, Adapter& adapter) {
  const char* root = nullptr;
  require(sd_bus_message_read(call, "o", &root), "RegisterMonitor");
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

// --- Odd things

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

// --- What tests call

FakeBluez::FakeBluez(std::string bus_address) : world_(std::make_unique<World>(std::move(bus_address))) {}
FakeBluez::~FakeBluez() = default;

void FakeBluez::run() {
  run_late(milliseconds{0});
}
void FakeBluez::run_late(milliseconds adapters_after) {
  world_->act([&] { world_->open(adapters_after); });
}
void FakeBluez::stop() {
  world_->act([&] {
    world_->say_goodbye();
    world_->close();
  });
}
void FakeBluez::kill() {
  world_->act([&] { world_->close(); });
}

void FakeBluez::plug(const FakeAdapter& adapter) {
  world_->act([&] {
    auto& plugged = world_->adapters_[adapter.name];
    plugged.facts = adapter;
    world_->show(plugged);
  });
}
void FakeBluez::unplug(const std::string& name) {
  world_->act([&] {
    world_->hide(world_->adapters_.at(name));
    world_->adapters_.erase(name);
  });
}
void FakeBluez::power(const std::string& name, bool on) {
  world_->act([&] { world_->set_powered(world_->adapters_.at(name), on); });
}
void FakeBluez::end_discovery(const std::string& name) {
  world_->act([&] { world_->set_discovering(world_->adapters_.at(name), false); });
}

void FakeBluez::advertise(const FakeDevice& device) {
  world_->act([&] { world_->air_.insert_or_assign(device.address, World::OnAir{device, Clock::now()}); });
}
void FakeBluez::hush(const std::string& address) {
  world_->act([&] { world_->air_.erase(address); });
}
void FakeBluez::silence(bool silent) {
  world_->act([&] { world_->silent_ = silent; });
}
void FakeBluez::flood(std::uint32_t count, std::uint32_t a_second) {
  world_->act([&] {
    world_->flood_left_ = count;
    world_->flood_a_second_ = a_second;
    world_->flood_at_ = Clock::now();
  });
}
std::uint32_t FakeBluez::flood_left() {
  return world_->act([&] { return world_->flood_left_; });
}
void FakeBluez::keep_old_parts(bool keep) {
  world_->act([&] { world_->keeps_old_ = keep; });
}

void FakeBluez::answer(const std::string& member, const std::string& error) {
  world_->act([&] {
    world_->answers_.erase(member);
    if (!error.empty()) world_->answers_[member] = error;
  });
}
void FakeBluez::send_odd_messages() {
  world_->act([&] { world_->send_odd(); });
}
void FakeBluez::send_as_impostor(const FakeDevice& device) {
  world_->act([&] { world_->send_as_impostor(device); });
}
void FakeBluez::forget_devices() {
  world_->act([&] {
    for (auto& [name, adapter] : world_->adapters_) world_->drop_devices(adapter);
  });
}

std::uint32_t FakeBluez::calls(const std::string& member) {
  return world_->act([&] { return world_->calls_[member]; });
}
std::string FakeBluez::filter() {
  return world_->act([&] { return world_->filter_; });
}
std::uint32_t FakeBluez::monitors() {
  return world_->act([&] {
    std::uint32_t count = 0;
    for (const auto& [name, adapter] : world_->adapters_)
      count += static_cast<std::uint32_t>(std::ranges::count_if(adapter.monitors, &World::Monitor::active));
    return count;
  });
}
std::uint32_t FakeBluez::monitor_patterns() {
  return world_->act([&] { return world_->patterns_; });
}
bool FakeBluez::discovering(const std::string& name) {
  return world_->act([&] { return world_->adapters_[name].discovering; });
}

}  // namespace beacon_gateway_test
