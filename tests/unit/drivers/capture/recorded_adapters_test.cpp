#include "drivers/capture/recorded_adapters.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway::capture;

namespace {

constexpr std::array<std::uint8_t, 6> kFirst{0x00, 0xAA, 1, 0, 0, 1};
constexpr std::array<std::uint8_t, 6> kSecond{0x00, 0xAA, 1, 0, 0, 2};
const std::vector<BluetoothAdapter> kThere{{"hci0", "00:AA:01:00:00:01", true, MonitorSupport::absent, ""},
                                           {"hci7", "00:AA:01:00:00:02", true, MonitorSupport::absent, ""}};

}  // namespace

TEST_CASE("adapters that are there are recorded with their number and address, however they are called") {
  CHECK(recorded_adapters({"00:aa:01:00:00:02", "hci0"}, kThere) ==
        std::vector<RecordedAdapter>{{7, kSecond}, {0, kFirst}});
}

TEST_CASE("adapters that are not there get a number of their own, and are found again by what is known of them") {
  CHECK(recorded_adapters({"00:AA:01:00:00:01", "hci1", "00:AA:01:00:00:02", "hci0"}, {}) ==
        std::vector<RecordedAdapter>{{2, kFirst}, {1, {}}, {3, kSecond}, {0, {}}});
}
