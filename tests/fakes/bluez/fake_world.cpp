#include "tests/fakes/bluez/fake_world.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace beacon_gateway_test {
namespace {

constexpr int kMessagesPerTurn = 512;
constexpr milliseconds kTurn{5};

}  // namespace

FakeBluez::World::World(std::string address)
    : address_(std::move(address)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = std::thread{[this] { live(); }};
}

FakeBluez::World::~World() {
  act([this] { over_ = true; });
  thread_.join();
  close();
  ::close(wake_);
}

void FakeBluez::World::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

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
  breathe_advertisements();
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
    adapter.clients.clear();
    adapter.monitors.clear();
    adapter.advertised.clear();
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
  if (adapter.facts.most_advertisements > 0) {
    const auto left = static_cast<std::uint8_t>(adapter.facts.most_advertisements - adapter.advertised.size());
    out.open('e', "sa{sv}").append("s", "org.bluez.LEAdvertisingManager1").open('a', "{sv}");
    out.property("SupportedInstances", "y", left).close(2);
  }
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
  adapter.advertised.clear();
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
  if (!on) adapter.clients.clear();
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
    if (adapter.clients.erase(client) > 0 && adapter.clients.empty()) set_discovering(adapter, false);
    std::erase_if(adapter.monitors, [&](const Monitor& monitor) { return monitor.client == client; });
    std::erase_if(adapter.advertised, [&](const Advertised& one) { return one.client == client; });
  }
}

// --- What is heard

void FakeBluez::World::report(Adapter& adapter, const FakeDevice& device) {
  if (bus_ == nullptr || !adapter.on_bus || !adapter.discovering || silent_) return;
  if (adapter.facts.deaf_beside_own && std::ranges::any_of(adapter.advertised, &Advertised::active)) return;
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

}  // namespace beacon_gateway_test
