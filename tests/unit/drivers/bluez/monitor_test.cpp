// Patterns in both forms, and the versions that must not get them.
#include "drivers/bluez/monitor.hpp"

#include <algorithm>

#include "messages/text_forms.hpp"
#include "tests/catch.hpp"

namespace beacon_gateway::bluez {
namespace {

bool holds(const std::vector<Pattern>& patterns, const Pattern& wanted) {
  return std::ranges::any_of(patterns, [&](const Pattern& pattern) {
    return pattern.start == wanted.start && pattern.ad_type == wanted.ad_type && pattern.octets == wanted.octets;
  });
}

TEST_CASE("patterns name what is looked up, for 5.66 and for 5.82") {
  const Uuid shop = *uuid_from_text("5a4bcfce-174e-4bac-a814-092e77f6b7e5");
  const Uuid tokens = *uuid_from_text("0000fd6f-0000-1000-8000-00805f9b34fb");
  const std::vector<Uuid> ibeacons{shop};
  const std::vector<Uuid> services{tokens, shop};
  const auto patterns = monitor_patterns(ibeacons, services);
  std::vector<std::uint8_t> ibeacon{0x4C, 0x00, 0x02, 0x15};
  ibeacon.insert(ibeacon.end(), shop.begin(), shop.end());
  CHECK(holds(patterns, {0, 0xFF, ibeacon}));
  CHECK(holds(patterns, {0, 0x16, {0xAA, 0xFE}}));
  CHECK(holds(patterns, {0, 0x16, {0x00}}));
  CHECK(holds(patterns, {0, 0x16, {0x6F, 0xFD}}));
  CHECK(holds(patterns, {0, 0x21, {shop.rbegin(), shop.rend()}}));
  CHECK(holds(monitor_patterns({}, {}), {0, 0xFF, {0x4C, 0x00, 0x02, 0x15}}));
}

TEST_CASE("there are never more patterns than every BlueZ takes") {
  const std::vector<Uuid> many(40);
  CHECK(monitor_patterns(many, many).size() == 16);
  CHECK(holds(monitor_patterns(many, {}), {0, 0xFF, {0x4C, 0x00, 0x02, 0x15}}));
}

TEST_CASE("the version is read from the Modalias, or is not known") {
  CHECK(version_from_modalias("usb:v1D6Bp0246d0542") == BluezVersion{5, 66});
  CHECK(version_from_modalias("usb:v1D6Bp0246d0552") == BluezVersion{5, 82});
  for (const char* other : {"", "usb:v1D6Bp0246d054", "usb:v1D6Bp0246d05420", "usb:v05ACp1234d0542",
                            "bluetooth:v1D6Bp0246d0542", "usb:v1D6Bp0246d05g2", "usb:v1D6Bp0246d-505"})
    CHECK_FALSE(version_from_modalias(other));
}

TEST_CASE("versions that a long advertisement crashes") {
  CHECK_FALSE(monitor_crashes({5, 66}));
  CHECK_FALSE(monitor_crashes({5, 71}));
  CHECK(monitor_crashes({5, 72}));
  CHECK(monitor_crashes({5, 82}));
  CHECK_FALSE(monitor_crashes({5, 83}));
  CHECK_FALSE(monitor_crashes({6, 0}));
}

}  // namespace
}  // namespace beacon_gateway::bluez
