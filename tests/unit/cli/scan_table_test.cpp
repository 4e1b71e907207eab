#include "cli/scan_table.hpp"

#include <algorithm>

#include "tests/catch.hpp"

using namespace beacon_gateway;
using beacon_gateway_test::ContainsSubstring;
using namespace std::chrono_literals;

namespace {

Settings shop() {
  Settings settings;
  settings.shop.zones.emplace_back().id = "entrance";
  settings.shop.scanners = {{"hci0", 0, 0}, {"hci1", 0, 10}};
  settings.sources.resize(2);
  return settings;
}

// A beacon of Eddystone-UID.
Advertisement heard(std::uint32_t device, Duration at, std::int8_t rssi_dbm = -60, ScannerIndex scanner = 0) {
  Advertisement one;
  one.scanner = scanner;
  one.address = {{0xC0, 0xFF, 0xEE, static_cast<std::uint8_t>(device >> 16U), static_cast<std::uint8_t>(device >> 8U),
                  static_cast<std::uint8_t>(device)},
                 AddressType::random_static};
  one.rssi_dbm = rssi_dbm;
  std::vector<std::uint8_t> octets{21, 0x16, 0xAA, 0xFE, 0x00, 0xEC};
  octets.resize(22, 0xAB);
  one.payload = Payload{octets};
  one.instant = capture_instant(WallTime{1h + at});
  return one;
}

MonotonicTime at(Duration since) {
  return MonotonicTime{1h + since};
}

}  // namespace

TEST_CASE("strangers and shoppers are masked, test tags are not, and nobody is with --all") {
  const Settings settings = shop();
  for (const auto& [whose, word] :
       {std::pair{Whose::stranger, "-"}, {Whose::shopper, "shopper"}, {Whose::staff, "staff"}}) {
    ScanTable table{settings, false};
    table.hear(heard(1, 0s), whose);
    CHECK_THAT(table.text(at(1s), 9), ContainsSubstring("…00:01"));
    CHECK_THAT(table.text(at(1s), 9), !ContainsSubstring("C0:FF"));
    CHECK_THAT(table.text(at(1s), 9), !ContainsSubstring("abababab"));
    CHECK_THAT(table.json(at(1s)), !ContainsSubstring("C0:FF") && ContainsSubstring(std::string{"\""} + word + '"'));
  }
  ScanTable table{settings, false};
  table.hear(heard(1, 0s), Whose::test_tag);
  CHECK_THAT(table.text(at(1s), 9), ContainsSubstring("C0:FF:EE:00:00:01") && ContainsSubstring("abababab"));
  ScanTable revealing{settings, true};
  revealing.hear(heard(1, 0s), std::nullopt);
  CHECK_THAT(revealing.text(at(1s), 9), ContainsSubstring("C0:FF:EE:00:00:01") && ContainsSubstring(" ? "));
  CHECK_THAT(revealing.json(at(1s)), ContainsSubstring("\"known\":null"));
}

TEST_CASE("the rate is that of the last ten seconds in which the device was heard, of a newcomer that of fewer") {
  const Settings settings = shop();
  ScanTable table{settings, false};
  for (int i = 0; i < 40; ++i) table.hear(heard(1, 500ms * i), Whose::stranger);
  CHECK_THAT(table.json(at(20s)), ContainsSubstring(R"("per_second":2.0,"packets":40,"age_s":0.5)"));
  for (int i = 0; i < 10; ++i) table.hear(heard(1, 30s + 1s * i), Whose::stranger);
  CHECK_THAT(table.json(at(40s)), ContainsSubstring(R"("per_second":1.0,"packets":50,"age_s":1.0)"));
  for (int i = 0; i < 8; ++i) table.hear(heard(2, 39s + 250ms * i), Whose::stranger);
  CHECK_THAT(table.json(at(41s)), ContainsSubstring(R"("per_second":4.0,"packets":8)"));
}

TEST_CASE("the shop's own stand first, then the strongest, with the scanner's offset added") {
  const Settings settings = shop();
  ScanTable table{settings, false};
  table.hear(heard(1, 0s, -60), Whose::stranger);
  table.hear(heard(2, 0s, -65, 1), Whose::stranger);
  table.hear(heard(3, 0s, -90), Whose::shopper);
  const std::string text = table.text(at(0s), 9);
  CHECK(text.find("…00:03") < text.find("…00:02"));
  CHECK(text.find("…00:02") < text.find("…00:01"));
  CHECK_THAT(text, ContainsSubstring(" -55 "));
  CHECK_THAT(table.text(at(0s), 1), ContainsSubstring("and 2 rows more"));
  CHECK(table.devices() == 3);
  table.hear(heard(1, 0s, -60, 1), Whose::stranger);
  CHECK(table.devices() == 3);
}

TEST_CASE("a flood of strangers is bounded and counted, and ours still get a row") {
  const Settings settings = shop();
  ScanTable table{settings, false};
  for (std::uint32_t device = 0; device < ScanTable::kMostRows + 100; ++device)
    table.hear(heard(device, 0s), Whose::stranger);
  CHECK(table.devices() == ScanTable::kMostRows);
  CHECK_THAT(table.text(at(0s), 1), ContainsSubstring("100 advertisements of devices beyond"));
  table.hear(heard(999'999, 1s), Whose::test_tag);
  CHECK(table.devices() == ScanTable::kMostRows + 1);
  table.forget_before(at(1s));
  CHECK(table.devices() == 1);
}
