#include "cli/radio_status.hpp"

#include "tests/catch.hpp"

namespace beacon_gateway {
namespace {

using beacon_gateway_test::ContainsSubstring;

TEST_CASE("a technician reads how each scanner listens and what was done for it") {
  Shop shop;
  shop.zones.emplace_back().id = "entrance";
  shop.scanners.push_back({"hci0", 0, 0});
  RadioStatus status;
  CHECK(radio_status_text(status, shop).empty());
  ScannerStatus& scanner = status.scanners.emplace_back();
  scanner.state = "the adapter is not there";
  CHECK_THAT(radio_status_text(status, shop), ContainsSubstring("hci0, zone entrance: the adapter is not there\n"));
  scanner.state = "scanning";
  scanner.mode = ScanMode::discovery_only;
  scanner.hears = PacketShare::once_a_scan;
  scanner.advertisements_a_second = 2.5;
  CHECK_THAT(radio_status_text(status, shop),
             ContainsSubstring("scanning by discovery alone, 2.5 advertisements a second, hears one packet of each"));
  CHECK_THAT(radio_status_text(status, shop), !ContainsSubstring("HEARS NOTHING"));
  CHECK_THAT(radio_status_text(status, shop), !ContainsSubstring("bluetoothd"));
  scanner.alarm = true;
  status.foreign_messages = 3;
  CHECK_THAT(radio_status_text(status, shop), ContainsSubstring("an empty shop or a dead radio"));
  scanner.canary = false;
  CHECK_THAT(radio_status_text(status, shop), ContainsSubstring("HEARS NOTHING"));
  CHECK_THAT(radio_status_text(status, shop), ContainsSubstring("3 from others"));
}

TEST_CASE("a technician reads whether the canary is heard, and where each beacon is") {
  Shop shop;
  shop.zones.emplace_back().id = "entrance";
  shop.scanners.push_back({"hci0", 0, 0});
  RadioStatus status;
  ScannerStatus& scanner = status.scanners.emplace_back();
  scanner.canary = true;
  CHECK_THAT(radio_status_text(status, shop), ContainsSubstring("hears the canary"));
  scanner.canary = false;
  CHECK_THAT(radio_status_text(status, shop), ContainsSubstring("THE CANARY IS MISSING"));
  status.beacons.push_back({"hci1", "iBeacon", true, "on the air", true, 0, 0, 0});
  status.beacons.push_back({"hci2", "LINE beacon", true, "on the air", false, 0, 0, 0});
  status.beacons.push_back({"hci3", "iBeacon", false, "the adapter is not there", {}, 0, 0, 0});
  const std::string text = radio_status_text(status, shop);
  CHECK_THAT(text, ContainsSubstring("hci1, iBeacon: on the air, heard by another adapter;"));
  CHECK_THAT(text, ContainsSubstring("hci2, LINE beacon: on the air, NOT HEARD by another adapter;"));
  CHECK_THAT(text, ContainsSubstring("hci3, iBeacon: the adapter is not there;"));
}

}  // namespace
}  // namespace beacon_gateway
