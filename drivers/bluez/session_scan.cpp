// The half of a session that makes the adapters scan.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "drivers/bluez/monitor.hpp"
#include "drivers/bluez/session.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway::bluez {
namespace {

constexpr const char* kBluez = "org.bluez";
constexpr const char* kAdapter = "org.bluez.Adapter1";

// "hci0", or its address in either case.
bool is_called(const std::string& path, const std::string& address, const std::string& wanted) {
  if (address.empty()) return false;  // not yet told
  const auto octets = parse_address_octets(wanted);
  return octets ? octets == parse_address_octets(address) : path.ends_with("/" + wanted);
}

// The kernel is still busy or the adapter still coming up: a matter of seconds (bluez-vm.md).
bool passes_soon(std::string_view error) {
  return error == "org.bluez.Error.InProgress" || error == "org.bluez.Error.NotReady";
}

}  // namespace

void Session::bind() {
  for (ScannerState& scanner : outside_.scanners) bind(scanner);
  bind_beacons();
}

std::map<std::string, Session::Adapter>::const_iterator Session::adapter_called(const std::string& wanted) const {
  return std::ranges::find_if(
      adapters_, [&](const auto& adapter) { return is_called(adapter.first, adapter.second.address, wanted); });
}

void Session::bind(ScannerState& scanner) {
  const auto found = adapter_called(scanner.wanted);
  const bool there = found != adapters_.end();
  const bool same = there && found->first == scanner.adapter_path;
  if (!same) {
    if (!scanner.adapter_path.empty()) {
      spdlog::warn("radio: adapter {} is gone", scanner.wanted);
      scanner.recovery.adapter_gone();
    }
    scanner.adapter_path = there ? found->first : std::string{};
    scanner.forget_monitor();
    scanner.share.reset();
    devices_.forget(scanner.index);
  }
  if (!there) {
    scanner.powered = false;
    return;
  }
  if (found->second.has_monitors && !scanner.monitor_usable)
    scanner.monitor_usable = may_monitor(scanner, found->second);
  adapter_changed(scanner, found->second);
}

void Session::adapter_changed(ScannerState& scanner, const Adapter& adapter) {
  scanner.powered = adapter.powered;
  if (!adapter.powered) return scanner.recovery.adapter_off(now());
  scanner.recovery.adapter_ready(now());
  if (adapter.discovering)
    scanner.recovery.discovery_resumed();
  else
    scanner.recovery.discovery_ended(now());
}

bool Session::may_monitor(const ScannerState& scanner, const Adapter& adapter) const {
  const MonitorUse use = outside_.options.monitors;
  if (use != MonitorUse::when_safe) return use == MonitorUse::always;
  const auto version = version_from_modalias(adapter.modalias);
  const bool safe = version && !monitor_crashes(*version);
  if (!safe)
    spdlog::warn("radio: adapter {}: no monitor, a long advertisement might crash {}", scanner.wanted,
                 version ? fmt::format("BlueZ {}.{}", version->major, version->minor)
                         : std::string{"this BlueZ, whose version is not known"});
  return safe;
}

// Where it fails, discovery alone goes on. What BlueZ let go of is first taken back: it may still know our path, and
// would answer AlreadyExists for ever.
void Session::register_monitor(ScannerState& scanner) {
  if (!scanner.monitor_usable.value_or(false) || !scanner.monitor.due(now())) return;
  const auto ask = [&](const char* member, OnMessage on_reply) {
    bus_->call(
        {kBluez, scanner.adapter_path, "org.bluez.AdvertisementMonitorManager1", member},
        [&](Writer& arguments) { arguments.object_path(monitor_root(scanner)); }, std::move(on_reply));
  };
  if (scanner.monitor.releases() + scanner.monitor.refusals() > 0) ask("UnregisterMonitor", [](Message&) {});
  ask("RegisterMonitor", [this, &scanner, attempt = scanner.monitor.ask()](Message& reply) {
    const auto error = reply.error();
    if (!error) return;  // it is in force when BlueZ calls Activate
    spdlog::warn("radio: adapter {}: no monitor: {}", scanner.wanted, printable(error->name));
    scanner.monitor.refused(attempt, now());
  });
}

// With a monitor the scan is started anew, so that the kernel takes up its filter at once.
void Session::monitor_told(ScannerState& scanner, bool active) {
  if (active && !scanner.monitor_active) scanner.recovery.rescan();
  if (active)
    scanner.monitor.granted(scanner.monitor.attempt(), now());
  else
    scanner.monitor.released(now());
  if (!active) spdlog::warn("radio: adapter {}: bluetoothd has let go of the monitor", scanner.wanted);
  scanner.monitor_active = active;
  scanner.share.reset();
}

void Session::take(ScannerState& scanner, Step step) {
  switch (step) {
    case Step::scan:
      return scan(scanner);
    case Step::reconnect:
      return give_up("nothing is heard, or scanning is refused: starting over");
    case Step::power_cycle:
      spdlog::warn("radio: adapter {}: turning it off and on", scanner.wanted);
      return set_power(scanner, false, [this, &scanner] { set_power(scanner, true, {}); });
    case Step::power_on:
      spdlog::warn("radio: adapter {} is off: turning it on", scanner.wanted);
      return set_power(scanner, true, {});
    case Step::ask_for_help:
      spdlog::error("radio: adapter {} hears nothing, whatever is done{}", scanner.wanted,
                    scanner.recovery.silence_is_failure() || !scanner.recovery.settled()
                        ? ": unplug it, or restart the box"
                        : "; without a canary that may be an empty shop");
      if (outside_.options.ask_for_help)
        outside_.options.ask_for_help(scanner.adapter_path.substr(scanner.adapter_path.rfind('/') + 1));
      return;
    case Step::none:
    case Step::kCount:
      return;
  }
}

// Always stopped first: to start a running scan hangs some controllers (reliability.md A3). That it did not run is no
// error.
void Session::scan(ScannerState& scanner) {
  scanner.last_start = now();
  const unsigned attempt = ++scanner.attempt;
  adapter_call(scanner, "StopDiscovery", {}, [this, &scanner, attempt](Message&) {
    if (scanner.attempt == attempt) set_filter(scanner);
  });
}

// With a filter BlueZ scans without pauses, tells every RSSI, and does not keep what is no longer on the air.
void Session::set_filter(ScannerState& scanner) {
  const auto fill = [](Writer& arguments) {
    arguments.array("{sv}");
    arguments.entry("sv").text("Transport").variant("s").text("le").close().close();
    arguments.entry("sv").text("DuplicateData").variant("b").flag(true).close().close();
    arguments.close();
  };
  adapter_call(scanner, "SetDiscoveryFilter", fill, [this, &scanner, attempt = scanner.attempt](Message& reply) {
    if (scanner.attempt != attempt) return;
    const auto error = reply.error();
    if (!error) return start_discovery(scanner);
    scanner.trouble = printable(error->name);
    scanner.recovery.refused(now(), passes_soon(error->name));
  });
}

void Session::start_discovery(ScannerState& scanner) {
  adapter_call(scanner, "StartDiscovery", {}, [this, &scanner, attempt = scanner.attempt](Message& reply) {
    if (scanner.attempt != attempt) return;
    if (const auto error = reply.error()) {
      scanner.trouble = printable(error->name);
      return scanner.recovery.refused(now(), passes_soon(error->name));
    }
    scanner.trouble.clear();
    scanner.recovery.started(now());
  });
}

void Session::set_power(ScannerState& scanner, bool on, std::function<void()> then) {
  if (scanner.adapter_path.empty()) return;
  const auto fill = [on](Writer& arguments) { arguments.text(kAdapter).text("Powered").variant("b").flag(on).close(); };
  bus_->call({kBluez, scanner.adapter_path, "org.freedesktop.DBus.Properties", "Set"}, fill,
             [&scanner, on, then = std::move(then)](Message& reply) {
               if (const auto error = reply.error()) {
                 scanner.trouble = printable(error->name);
                 spdlog::warn("radio: adapter {} cannot be turned {}: {}", scanner.wanted, on ? "on" : "off",
                              printable(error->name));
               }
               if (then) then();
             });
}

// An adapter that no scanner has.
void Session::turn_on(const std::string& path, const std::string& called) {
  const auto fill = [](Writer& arguments) { arguments.text(kAdapter).text("Powered").variant("b").flag(true).close(); };
  bus_->call({kBluez, path, "org.freedesktop.DBus.Properties", "Set"}, fill, [called](Message& reply) {
    if (const auto error = reply.error())
      spdlog::warn("radio: adapter {} cannot be turned on: {}", called, printable(error->name));
  });
}

void Session::adapter_call(const ScannerState& scanner, const char* member, const Fill& fill, OnMessage on_reply) {
  bus_->call({kBluez, scanner.adapter_path, kAdapter, member}, fill, std::move(on_reply));
}

}  // namespace beacon_gateway::bluez
