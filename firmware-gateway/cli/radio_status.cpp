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
      text += fmt::format(" {}, {:.1f} advertisements a second, {}",
                          one.mode == ScanMode::monitor ? "with a monitor" : "by discovery alone",
                          one.advertisements_a_second, sentence(one));
    text +=
        fmt::format("\n             {} starts of the scan, {} reconnects, turned on {} times, off and on {} times{}\n",
                    one.scan_starts, one.reconnects, one.power_ons, one.power_cycles,
                    one.alarm ? "; HEARS NOTHING, whatever is done: unplug the adapter, or restart the box" : "");
  }
  if (status.odd_messages + status.foreign_messages + status.devices_not_asked > 0)
    text += fmt::format(
        "bluetoothd   {} messages not understood, {} from others in its name, {} advertisements lost in a flood\n",
        status.odd_messages, status.foreign_messages, status.devices_not_asked);
  return text;
}

}  // namespace beacon_gateway
