#include "messages/radio_status_json.hpp"

#include "tests/catch.hpp"

namespace beacon_gateway {
namespace {

TEST_CASE("scanners are told with their adapter, zone and words for their mode") {
  Shop shop;
  shop.zones.emplace_back().id = "entrance";
  shop.scanners.push_back({"hci0", 0, 0});
  RadioStatus status;
  CHECK(radio_status_json(status, shop) == "[]");
  ScannerStatus scanner;
  scanner.mode = ScanMode::monitor;
  scanner.hears = PacketShare::every_packet;
  scanner.state = "scanning is refused: \"busy\"\xFF";  // what the bus says may be anything
  scanner.advertisements_a_second = 31.26;
  scanner.power_ons = 2;
  status.scanners.push_back(scanner);
  scanner.scanner = 1;  // of which the settings know nothing
  status.scanners.push_back(scanner);
  CHECK(radio_status_json(status, shop) ==
        R"([{"adapter":"hci0","zone":"entrance","mode":"monitor","hears":"every_packet",)"
        "\"state\":\"scanning is refused: \\\"busy\\\"\xEF\xBF\xBD\","
        R"("alarm":false,"advertisements_a_second":31.3,"scan_starts":0,"reconnects":0,"power_ons":2,)"
        R"("power_cycles":0,"calls_for_help":0,"held_back":0}])");
}

}  // namespace
}  // namespace beacon_gateway
