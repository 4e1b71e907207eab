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
  CHECK_THAT(radio_status_text(status, shop), ContainsSubstring("HEARS NOTHING"));
  CHECK_THAT(radio_status_text(status, shop), ContainsSubstring("3 from others"));
}

}  // namespace
}  // namespace beacon_gateway
