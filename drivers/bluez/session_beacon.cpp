// The part of a session that keeps our beacons on the air.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "drivers/bluez/session.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway::bluez {

void Session::serve_beacons() {
  for (BeaconState& beacon : outside_.beacons) {
    const auto frame = [&beacon] { return wake_up_frame(beacon.options.beacon, beacon.number); };
    const auto released = [this, &beacon] {
      spdlog::warn("radio: {} on {}: bluetoothd has let go of it", beacon.options.name, beacon.options.adapter);
      beacon.advertisement.released(now());
    };
    bus_->serve(beacon_root(beacon), {advertisement_object(beacon, frame, released)});
  }
}

void Session::bind_beacons() {
  for (BeaconState& beacon : outside_.beacons) {
    const auto found = adapter_called(beacon.options.adapter);
    const std::string path = found == adapters_.end() ? std::string{} : found->first;
    if (path == beacon.adapter_path) continue;
    beacon.forget();
    beacon.adapter_path = path;
  }
}

// BlueZ holds on to it and says nothing; but when the adapter is on again, the kernel may send nothing or an empty
// packet (Linux 7.3 on a controller of Bluetooth 5: tests/vm). So it is taken back, and registered anew.
void Session::adapter_off(std::string_view path) {
  for (BeaconState& beacon : outside_.beacons)
    if (beacon.adapter_path == path && !beacon.advertisement.wanted()) withdraw(beacon);
}

// On the air wherever the adapter can, but never before the scan of the same adapter, and never against it.
void Session::look_after(BeaconState& beacon) {
  const auto adapter = adapters_.find(beacon.adapter_path);
  if (adapter == adapters_.end()) return;
  beacon.can_advertise = adapter->second.can_advertise;
  const ScannerState* scanner = scanner_at(beacon.adapter_path);
  const bool on_air = beacon.advertisement.held();
  beacon.yields = scanner != nullptr && beacon.yielding.look(now(), scanner->recovery.in_trouble(), on_air);
  if (beacon.yields && on_air) {
    spdlog::warn("radio: {} leaves the air: {} hears nothing, or does not scan, beside it", beacon.options.name,
                 beacon.options.adapter);
    return withdraw(beacon);
  }
  const std::uint64_t number = rotation_number(beacon.options.beacon, outside_.options.clock().wall);
  if (on_air && number != beacon.number) withdraw(beacon);
  const bool scan_first = scanner != nullptr && !scanner->recovery.scanning();
  if (beacon.yields || scan_first || !beacon.can_advertise || !beacon.advertisement.due(now())) return;
  beacon.number = number;
  beacon.mark = air_mark(wake_up_frame(beacon.options.beacon, number));
  if (adapter->second.powered) return advertise(beacon);
  // Nobody scans on it, who would turn it on.
  beacon.trouble = "the adapter is off";
  beacon.advertisement.refused(beacon.advertisement.ask(), now());
  turn_on(adapter->first, beacon.options.adapter);
}

// What BlueZ may still hold under our path is first taken back: it would answer AlreadyExists for ever.
void Session::advertise(BeaconState& beacon) {
  if (beacon.advertisement.releases() + beacon.advertisement.refusals() > 0)
    beacon_call(beacon, "UnregisterAdvertisement", {}, [](Message&) {});
  const auto no_options = [](Writer& arguments) { arguments.array("{sv}").close(); };
  beacon_call(beacon, "RegisterAdvertisement", no_options,
              [this, &beacon, attempt = beacon.advertisement.ask()](Message& reply) {
                const auto error = reply.error();
                if (!error) {
                  beacon.trouble.clear();
                  return beacon.advertisement.granted(attempt, now());
                }
                if (beacon.trouble != error->name)
                  spdlog::warn("radio: {} is not taken by {}: {}", beacon.options.name, beacon.options.adapter,
                               printable(error->name));
                beacon.trouble = printable(error->name);
                beacon.advertisement.refused(attempt, now());
              });
}

void Session::withdraw(BeaconState& beacon) {
  beacon.advertisement.forget();
  if (beacon.yields)
    for (ScannerState& scanner : outside_.scanners) scanner.recovery.canary_gone();
  beacon_call(beacon, "UnregisterAdvertisement", {}, [](Message&) {});
}

void Session::beacon_call(const BeaconState& beacon, const char* member, const Fill& fill, OnMessage on_reply) {
  const auto arguments = [&](Writer& writer) {
    writer.object_path(advertisement_path(beacon));
    if (fill) fill(writer);
  };
  bus_->call({"org.bluez", beacon.adapter_path, "org.bluez.LEAdvertisingManager1", member}, arguments,
             std::move(on_reply));
}

// Whether this scanner heard the canary of late. A beacon of ours on another adapter serves as one, and is on the air
// for certain once it is heard.
bool Session::hears_canary(ScannerState& scanner, const Advertisement& advertisement) {
  const auto shows = [&](const std::vector<std::uint8_t>& mark) {
    return !mark.empty() && !std::ranges::search(advertisement.payload.bytes(), mark).empty();
  };
  const MonotonicTime at = advertisement.instant.monotonic;
  if (shows(canary_mark_)) scanner.canary_at = at;
  for (BeaconState& beacon : outside_.beacons)
    if (scanner.adapter_path != beacon.adapter_path && shows(beacon.mark)) beacon.heard_at = scanner.canary_at = at;
  return heard_lately(scanner.canary_at, at);
}

}  // namespace beacon_gateway::bluez
