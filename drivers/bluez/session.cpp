#include "drivers/bluez/session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "messages/text_forms.hpp"

namespace beacon_gateway::bluez {
namespace {

// So many messages between two looks at what is due (reliability.md E16).
constexpr std::size_t kMessagesPerTurn = 256;
// Questions about single devices that are under way at once: a flood of strangers must not become a flood of questions.
constexpr std::size_t kMostDevicesAsked = 32;

constexpr const char* kBluez = "org.bluez";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
constexpr const char* kObjectManager = "org.freedesktop.DBus.ObjectManager";
constexpr std::string_view kAdapterInterface = "org.bluez.Adapter1";
constexpr std::string_view kMonitorManager = "org.bluez.AdvertisementMonitorManager1";
constexpr std::string_view kAdvertisingManager = "org.bluez.LEAdvertisingManager1";

}  // namespace

std::string monitor_root(const ScannerState& scanner) {
  return "/com/beacongateway/scanner" + std::to_string(scanner.index);
}

Session::Session(std::unique_ptr<Bus> bus, Outside outside) : bus_(std::move(bus)), outside_(std::move(outside)) {
  for (ScannerState& scanner : outside_.scanners) {
    scanner.adapter_path.clear();
    scanner.powered = false;
    scanner.forget_monitor();
  }
  for (BeaconState& beacon : outside_.beacons) beacon.forget();
  watch();
}

Session::~Session() = default;

// Three rules for all devices together: what is matched one by one runs into the bus's limit (reliability.md E10).
void Session::watch() {
  const auto from_bluez = [this](void (Session::*handler)(Message&)) {
    return [this, handler](Message& signal) {
      if (signal.sender() != owner_)
        ++outside_.counters.foreign_messages;
      else
        (this->*handler)(signal);
    };
  };
  bus_->match(
      "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',"
      "arg0='org.bluez'",
      [this](Message& signal) { name_owner_changed(signal); });
  bus_->match(
      "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',"
      "path_namespace='/org/bluez'",
      from_bluez(&Session::properties_changed));
  bus_->match("type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager',path='/'",
              [added = from_bluez(&Session::interfaces_added), removed = from_bluez(&Session::interfaces_removed)](
                  Message& signal) { (signal.member() == "InterfacesAdded" ? added : removed)(signal); });
  for (ScannerState& scanner : outside_.scanners)
    bus_->serve(monitor_root(scanner),
                {monitor_object(monitor_root(scanner),
                                monitor_patterns(outside_.options.ibeacon_uuids, outside_.options.token_service_uuids),
                                [this, &scanner](bool active) { monitor_told(scanner, active); })});
  if (outside_.options.canary) canary_mark_ = air_mark(wake_up_frame({*outside_.options.canary, {}}, 0));
  serve_beacons();
  bus_->call(
      {"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetNameOwner"},
      [](Writer& arguments) { arguments.text(kBluez); },
      [this](Message& reply) {
        owner_known_ = true;
        const auto owner = reply.error() ? std::nullopt : reply.text();
        if (owner) owner_is(*owner);  // else bluetoothd does not run; it is heard of when it does
      });
}

const char* Session::waits_for() const {
  if (!owner_known_) return "asking the bus for bluetoothd";
  if (owner_.empty()) return "bluetoothd does not run";
  return listed_ ? "" : "asking bluetoothd for its adapters";
}

bool Session::turn(bool& more) {
  if (!bus_->process(kMessagesPerTurn, more)) give_up(bus_->why());
  for (ScannerState& scanner : outside_.scanners) {
    const auto rescan = scanner.next_rescan(outside_.options.rescan_every);
    if (rescan && now() >= *rescan) scanner.recovery.rescan();
    register_monitor(scanner);
    for (Step step = scanner.recovery.due(now()); step != Step::none && !given_up_; step = scanner.recovery.due(now()))
      take(scanner, step);
  }
  for (BeaconState& beacon : outside_.beacons)
    if (!given_up_) look_after(beacon);
  return !given_up_;
}

void Session::give_up(std::string why) {
  if (given_up_) return;
  given_up_ = true;
  why_ = std::move(why);
}

void Session::name_owner_changed(Message& signal) {
  const auto name = signal.text();
  const auto before = signal.text();
  const auto after = signal.text();
  if (name && before && after) owner_is(*after);
}

// Another bluetoothd, or none: what the one before said no longer holds.
void Session::owner_is(std::string_view owner) {
  if (owner == owner_) return;
  owner_ = owner;
  owner_known_ = true;
  listed_ = false;
  adapters_.clear();
  for (ScannerState& scanner : outside_.scanners) {
    scanner.adapter_path.clear();
    scanner.powered = false;
    scanner.forget_monitor();
    if (owner_.empty())
      scanner.recovery.bluetoothd_gone(now());
    else
      scanner.recovery.session_lost(now());
    devices_.forget(scanner.index);
  }
  for (BeaconState& beacon : outside_.beacons) beacon.forget();
  if (owner_.empty())
    spdlog::warn("radio: bluetoothd is gone from the bus; waiting for it");
  else
    list_objects();
}

void Session::list_objects() {
  bus_->call({kBluez, "/", kObjectManager, "GetManagedObjects"}, {}, [this, owner = owner_](Message& reply) {
    if (owner != owner_) return;
    if (const auto error = reply.error())
      return give_up("bluetoothd does not list its objects: " + std::string{error->name});
    bool whole = reply.enter_array("{oa{sa{sv}}}");
    while (whole && reply.enter_entry("oa{sa{sv}}")) {
      const auto path = reply.object_path();
      whole = path && read_object(reply, std::string{*path}, false) && reply.leave();
    }
    if (!whole || !reply.good()) ++outside_.counters.odd_messages;
    listed_ = true;
    bind();
  });
}

void Session::interfaces_added(Message& signal) {
  const auto path = signal.object_path();
  if (!path || !read_object(signal, std::string{*path}, true)) {
    ++outside_.counters.odd_messages;
    return;
  }
  if (adapters_.contains(std::string{*path})) bind();
}

// A device that BlueZ forgets has not left the shop. An adapter that goes has.
void Session::interfaces_removed(Message& signal) {
  const auto path = signal.object_path();
  if (!path || adapters_.empty() || !signal.enter_array("s")) return;
  const auto adapter = adapters_.find(std::string{*path});
  if (adapter == adapters_.end()) return;
  while (!signal.at_end()) {
    const auto interface = signal.text();
    if (!interface) return;
    if (*interface == kMonitorManager) {
      adapter->second.has_monitors = false;
      if (ScannerState* scanner = scanner_at(*path)) scanner->forget_monitor();
    }
    if (*interface == kAdvertisingManager) {
      adapter->second.can_advertise = false;
      for (BeaconState& beacon : outside_.beacons)
        if (beacon.adapter_path == *path) beacon.advertisement.forget();
    }
    if (*interface != kAdapterInterface) continue;
    adapters_.erase(adapter);
    return bind();
  }
}

// A dictionary a{sa{sv}} of interfaces; false: it is damaged. A device that is not new is asked for when it is heard:
// the list of all objects may be long, and most of it is never heard again.
bool Session::read_object(Message& message, const std::string& path, bool is_new) {
  if (!message.enter_array("{sa{sv}}")) return false;
  while (message.enter_entry("sa{sv}")) {
    const auto interface = message.text();
    if (!interface) return false;
    if (*interface == kAdapterInterface) {
      if (!read_adapter(message, adapters_[path])) return false;
    } else if (*interface == kDeviceInterface && is_new) {
      device_told(path, message, Told::added);
    } else {
      if (*interface == kMonitorManager) adapters_[path].has_monitors = true;
      if (*interface == kAdvertisingManager) adapters_[path].can_advertise = true;
      if (!message.skip("a{sv}")) return false;
    }
    if (!message.leave()) return false;
  }
  return message.good() && message.leave();
}

void Session::properties_changed(Message& signal) {
  const auto interface = signal.text();
  if (!interface) {
    ++outside_.counters.odd_messages;
  } else if (*interface == kDeviceInterface) {
    device_told(signal.path(), signal, Told::changed);
  } else if (*interface == kAdapterInterface) {
    const auto adapter = adapters_.find(std::string{signal.path()});
    if (adapter == adapters_.end()) return;
    if (!read_adapter(signal, adapter->second)) ++outside_.counters.odd_messages;
    if (!adapter->second.powered) adapter_off(adapter->first);
    if (ScannerState* scanner = scanner_at(adapter->first)) adapter_changed(*scanner, adapter->second);
  }
}

bool Session::read_adapter(Message& message, Adapter& adapter) {
  return read_properties(message, [&](std::string_view name, std::string_view type) {
    const auto set = [](auto& to, const auto& from) {
      if (from) to = *from;
      return true;
    };
    if (name == "Powered" && type == "b") return set(adapter.powered, message.flag());
    if (name == "Discovering" && type == "b") return set(adapter.discovering, message.flag());
    if (name == "Address" && type == "s") return set(adapter.address, message.text());
    if (name == "Modalias" && type == "s") return set(adapter.modalias, message.text());
    return false;
  });
}

// The message stands before the device's properties. Reads them to their end.
void Session::device_told(std::string_view path, Message& message, Told told) {
  const auto device = parse_device_path(path);
  ScannerState* scanner = device ? scanner_at(device->adapter) : nullptr;
  if (scanner == nullptr) {
    static_cast<void>(message.skip("a{sv}"));
    return;
  }
  const auto change = read_device_change(message, outside_.counters.odd_messages);
  if (!change) {
    ++outside_.counters.odd_messages;
    return;
  }
  const Instant at = outside_.options.clock();
  const Heard heard = devices_.merge(scanner->index, device->octets, *change, told, at);
  if (heard.type_missing) ask_for_device(std::string{path});
  if (!heard.advertisement) return;
  ++scanner->heard_in_all;
  scanner->recovery.heard(at.monotonic, hears_canary(*scanner, *heard.advertisement));
  scanner->share.note(heard.since_last, at.monotonic - scanner->last_start);
  outside_.heard(*heard.advertisement);
}

// A change of a device that we do not hold, or hold no longer: what is missing is asked for, and heard then.
void Session::ask_for_device(std::string path) {
  if (devices_asked_ >= kMostDevicesAsked) {
    ++outside_.counters.devices_not_asked;
    return;
  }
  ++devices_asked_;
  const Method method{kBluez, path, kProperties, "GetAll"};
  bus_->call(
      method, [](Writer& arguments) { arguments.text(std::string{kDeviceInterface}); },
      [this, path = std::move(path)](Message& reply) {
        --devices_asked_;
        if (!reply.error()) device_told(path, reply, Told::added);  // else it is gone already
      });
}

ScannerState* Session::scanner_at(std::string_view adapter_path) {
  const auto found = std::ranges::find(outside_.scanners, adapter_path, &ScannerState::adapter_path);
  return found == outside_.scanners.end() || adapter_path.empty() ? nullptr : &*found;
}

}  // namespace beacon_gateway::bluez
