#include "cli/radio_status.hpp"

#include <fmt/format.h>

namespace beacon_gateway {
namespace {

const char* sentence(const ScannerStatus& status) {
  if (status.hears == PacketShare::every_packet) return "hears every packet";
  if (status.hears == PacketShare::once_a_scan)
    return "hears one packet of each device when the scan starts anew, every 3 s: welcomes come later";
  return status.mode == ScanMode::monitor ? "every packet is to be expected"
                                          : "too little heard yet to tell what share";
}

// After all rungs. Where nothing is refused and no canary was ever heard, nobody can tell a dead radio from an empty
// shop.
const char* alarm_sentence(const ScannerStatus& status) {
  if (!status.alarm) return "";
  if (status.canary || status.mode == ScanMode::none)
    return "; HEARS NOTHING, whatever is done: unplug the adapter, or restart the box";
  return "; hears nothing: an empty shop or a dead radio, which a canary would tell apart ([radio] in gateway.toml)";
}

const char* canary_sentence(const ScannerStatus& status) {
  if (!status.canary) return "";
  return *status.canary ? "; hears the canary"
                        : "; THE CANARY IS MISSING: look after it, or the radio hears less than before";
}

std::string beacon_line(const BeaconStatus& beacon) {
  const char* heard = !beacon.heard   ? ""
                      : *beacon.heard ? ", heard by another adapter"
                                      : ", NOT HEARD by another adapter";
  return fmt::format(
      "beacon       {}, {}: {}{}; refused {} times, let go of {} times, made room for the scan {} times\n",
      beacon.adapter, beacon.name, beacon.state, heard, beacon.refusals, beacon.releases, beacon.yields);
}

// Scanners that the settings no longer have are left out: a reload that changes them is refused, so there are none.
const Scanner* scanner_of(const ScannerStatus& status, const Shop& shop) {
  return status.scanner < shop.scanners.size() ? &shop.scanners[status.scanner] : nullptr;
}

}  // namespace

std::string radio_status_text(const RadioStatus& status, const Shop& shop) {
  std::string text;
  for (const ScannerStatus& one : status.scanners) {
    const Scanner* scanner = scanner_of(one, shop);
    if (scanner == nullptr) continue;
    text += fmt::format("scanner      {}, zone {}: {}", scanner->adapter, shop.zones[scanner->zone].id, one.state);
    if (one.mode != ScanMode::none)
      text += fmt::format(" {}, {}{}", one.mode == ScanMode::monitor ? "with a monitor" : "by discovery alone",
                          one.advertisements_a_second
                              ? fmt::format("{:.1f} advertisements a second, ", *one.advertisements_a_second)
                              : "",
                          sentence(one));
    text += fmt::format(
        "\n             {} starts of the scan, {} reconnects, turned on {} times, off and on {} times{}{}\n",
        one.scan_starts, one.reconnects, one.power_ons, one.power_cycles, alarm_sentence(one),
        one.alarm ? "" : canary_sentence(one));
  }
  for (const BeaconStatus& one : status.beacons) text += beacon_line(one);
  if (status.odd_messages + status.foreign_messages + status.devices_not_asked > 0)
    text += fmt::format(
        "bluetoothd   {} messages not understood, {} from others in its name, {} advertisements lost in a flood\n",
        status.odd_messages, status.foreign_messages, status.devices_not_asked);
  return text;
}

}  // namespace beacon_gateway
