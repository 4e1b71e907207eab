#include "messages/radio_status_json.hpp"

#include "tests/catch.hpp"

namespace beacon_gateway {
namespace {

TEST_CASE("beacons are told with what became of them") {
  RadioStatus status;
  CHECK(beacon_status_json(status) == "[]");
  status.beacons.push_back({"hci1", "iBeacon", true, "on the air", true, 1, 2, 3});
  status.beacons.push_back({"hci0", "LINE beacon", false, "refused: \xFF", {}, 4, 0, 0});
  CHECK(beacon_status_json(status) ==
        R"([{"adapter":"hci1","beacon":"iBeacon","on_air":true,"state":"on the air","heard":true,)"
        R"("refusals":1,"releases":2,"yields":3},)"
        "{\"adapter\":\"hci0\",\"beacon\":\"LINE beacon\",\"on_air\":false,\"state\":\"refused: \xEF\xBF\xBD\","
        R"("heard":null,"refusals":4,"releases":0,"yields":0}])");
}

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
        R"("alarm":false,"canary":null,"advertisements_a_second":31.3,"scan_starts":0,"reconnects":0,"power_ons":2,)"
        R"("power_cycles":0,"calls_for_help":0,"held_back":0}])");
}

}  // namespace
}  // namespace beacon_gateway
