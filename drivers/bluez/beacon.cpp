#include "drivers/bluez/beacon.hpp"

namespace beacon_gateway::bluez {
namespace {

// Apple asks for 100 ms, LINE for 152.5 ms; Bluetooth 4 allows no less for what cannot be connected to (Core 4.2, Vol 6
// Part B, 4.4.2.2). BlueZ heeds both, with and without -E (5.66 and 5.82: tests/vm).
constexpr std::uint32_t kLeastIntervalMs = 100;
constexpr std::uint32_t kMostIntervalMs = 150;

constexpr std::uint16_t kApple = 0x004C;
constexpr const char* kLineService = "fe6f";

void write_manufacturer(Writer& writer, const WakeUpFrame& frame) {
  writer.array("{qv}");
  if (frame.carrier == WakeUpFrame::Carrier::apple_manufacturer_data)
    writer.entry("qv").uint16(kApple).variant("ay").octets(frame.data).close().close();
  writer.close();
}

void write_service(Writer& writer, const WakeUpFrame& frame) {
  writer.array("{sv}");
  if (frame.carrier == WakeUpFrame::Carrier::line_service_data)
    writer.entry("sv").text(kLineService).variant("ay").octets(frame.data).close().close();
  writer.close();
}

void write_uuids(Writer& writer, const WakeUpFrame& frame) {
  writer.array("s");
  if (frame.carrier == WakeUpFrame::Carrier::line_service_data) writer.text(kLineService);
  writer.close();
}

}  // namespace

std::string beacon_root(const BeaconState& beacon) {
  return "/com/beacongateway/beacon" + std::to_string(beacon.index);
}
std::string advertisement_path(const BeaconState& beacon) {
  return beacon_root(beacon) + "/advertisement";
}

// "broadcast": nobody can connect to it. BlueZ refuses flags that say "discoverable" to what is broadcast, so we give
// none; on an adapter without BR/EDR the kernel puts its own, 02 01 04, before it. BlueZ (5.66, 5.82) asks this path
// for its managed objects, which is refused, and then reads it by GetAll.
ServedObject advertisement_object(const BeaconState& beacon, const std::function<WakeUpFrame()>& frame,
                                  std::function<void()> released) {
  return {advertisement_path(beacon),
          "org.bluez.LEAdvertisement1",
          {{"Type", "s", [](Writer& writer) { writer.text("broadcast"); }},
           {"ManufacturerData", "a{qv}", [frame](Writer& writer) { write_manufacturer(writer, frame()); }},
           {"ServiceUUIDs", "as", [frame](Writer& writer) { write_uuids(writer, frame()); }},
           {"ServiceData", "a{sv}", [frame](Writer& writer) { write_service(writer, frame()); }},
           {"MinInterval", "u", [](Writer& writer) { writer.uint32(kLeastIntervalMs); }},
           {"MaxInterval", "u", [](Writer& writer) { writer.uint32(kMostIntervalMs); }}},
          {{"Release", "", [released = std::move(released)](Message&) { released(); }}}};
}

}  // namespace beacon_gateway::bluez
