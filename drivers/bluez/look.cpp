#include "drivers/bluez/look.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <map>

#include "drivers/bluez/bus.hpp"
#include "drivers/bluez/monitor.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway::bluez {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMessagesPerTurn = 256;
constexpr const char* kTooSlow = "it does not answer";

// What is told of an adapter, before it is known to be one.
struct Told {
  std::string address;
  std::string modalias;
  bool powered = false;
  bool is_adapter = false;
  bool has_monitors = false;
};

MonitorSupport support_of(const Told& told, const std::optional<BluezVersion>& version) {
  if (!told.has_monitors) return MonitorSupport::absent;
  if (!version) return MonitorSupport::unknown_version;
  return monitor_crashes(*version) ? MonitorSupport::crashes : MonitorSupport::safe;
}

bool read_adapter(Message& message, Told& told) {
  told.is_adapter = true;
  return read_properties(message, [&](std::string_view name, std::string_view type) {
    const auto set = [](auto& to, const auto& from) {
      if (from) to = *from;
      return true;
    };
    if (name == "Powered" && type == "b") return set(told.powered, message.flag());
    if (name == "Address" && type == "s") return set(told.address, message.text());
    if (name == "Modalias" && type == "s") return set(told.modalias, message.text());
    return false;
  });
}

bool read_objects(Message& reply, std::map<std::string, Told>& by_path) {
  if (!reply.enter_array("{oa{sa{sv}}}")) return false;
  while (reply.enter_entry("oa{sa{sv}}")) {
    const auto path = reply.object_path();
    if (!path || !reply.enter_array("{sa{sv}}")) return false;
    const std::string object{*path};
    while (reply.enter_entry("sa{sv}")) {
      const auto interface = reply.text();
      if (!interface) return false;
      if (*interface == "org.bluez.AdvertisementMonitorManager1") by_path[object].has_monitors = true;
      const bool read = *interface == "org.bluez.Adapter1" ? read_adapter(reply, by_path[object]) : reply.skip("a{sv}");
      if (!read || !reply.leave()) return false;
    }
    if (!reply.leave() || !reply.leave()) return false;
  }
  return reply.good();
}

class Look {
 public:
  Look(Bus& bus, std::chrono::milliseconds patience) : bus_(bus), until_(Clock::now() + patience) {}

  BluetoothReport take() {
    ask(
        {"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner"},
        [](Writer& arguments) { arguments.text("org.bluez"); },
        [this](Message& reply) { report_.bluetoothd_runs = !reply.error() && reply.flag().value_or(false); },
        report_.bus_trouble);
    if (report_.bluetoothd_runs)
      ask(
          {"org.bluez", "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"}, {},
          [this](Message& reply) { list(reply); }, report_.bluez_trouble);
    return std::move(report_);
  }

 private:
  // Waits for the reply; says in `trouble` why there is none.
  void ask(const Method& method, const Fill& fill, const OnMessage& on_reply, std::string& trouble) {
    bool answered = false;
    bus_.call(method, fill, [&](Message& reply) {
      answered = true;
      on_reply(reply);
    });
    while (!answered) {
      bool more = false;
      if (!bus_.process(kMessagesPerTurn, more)) {
        trouble = bus_.why();
        return;
      }
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - Clock::now());
      if (!answered && left.count() <= 0) {
        trouble = kTooSlow;
        return;
      }
      pollfd wait{bus_.descriptor(), bus_.events(), 0};
      if (!answered && !more) ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left.count(), patience_ms())));
    }
  }
  // What the bus library queued is looked at so often.
  [[nodiscard]] int patience_ms() const {
    constexpr int kLookAgainMs = 100;
    const int wanted = bus_.patience_ms();
    return wanted < 0 ? kLookAgainMs : std::min(wanted, kLookAgainMs);
  }

  void list(Message& reply) {
    std::map<std::string, Told> by_path;
    if (const auto error = reply.error())
      report_.bluez_trouble = printable(error->name);
    else if (!read_objects(reply, by_path))
      report_.bluez_trouble = "its list of adapters cannot be read";
    for (const auto& [path, told] : by_path) {
      if (!told.is_adapter) continue;
      const auto version = version_from_modalias(told.modalias);
      report_.adapters.push_back({path.substr(path.rfind('/') + 1), told.address, told.powered,
                                  support_of(told, version),
                                  version ? fmt::format("{}.{}", version->major, version->minor) : std::string{}});
    }
  }

  Bus& bus_;
  Clock::time_point until_;
  BluetoothReport report_;
};

}  // namespace

BluetoothReport look_at_bluez(std::chrono::milliseconds patience) {
  const auto bus = Bus::open();
  if (bus) return Look{**bus, patience}.take();
  BluetoothReport report;
  report.bus_trouble = bus.error();
  return report;
}

}  // namespace beacon_gateway::bluez
