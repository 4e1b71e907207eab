#include "tests/simulation/walks.hpp"

#include <algorithm>

namespace beacon_gateway_test {

using namespace std::chrono_literals;
using beacon_gateway::Duration;
using beacon_gateway::ScannerIndex;

namespace {

constexpr int kScanners = 3;
// Levels in dBm against the simulated shop's enter -70 and exit -80.
constexpr int kNear = -60;
constexpr int kFar = -84;
constexpr int kSwing = 9;

class Walks {
 public:
  Walks(std::uint64_t seed, Duration length) : dice_(seed, DiceFor::walks), length_(length) {}

  // One coming of a shopper: past the door or in, through zones, with gaps in which the phone says nothing.
  void come(std::uint16_t minor) {
    Duration now = dice_.between(Duration{}, length_ - 90min);
    now = stay(minor, kDoorScanner, now, dice_.between(5s, 40s), kFar + kSwing);  // the pavement
    if (dice_.percent(20)) return;                                                // passes by
    now = stay(minor, kDoorScanner, now, dice_.between(5s, 30s), kNear);
    const int legs = dice_.between(0, 4);
    for (int i = 0; i < legs; ++i) {
      if (dice_.percent(15)) now += dice_.between(20s, 14min);  // around both zone_left_after and ends_after
      const auto zone = static_cast<ScannerIndex>(dice_.between(0, kScanners - 1));
      now = stay(minor, zone, now, dice_.between(10s, 4min), kNear);
    }
    if (dice_.percent(70)) stay(minor, kDoorScanner, now, dice_.between(5s, 20s), kNear);
  }

  void pass_by(std::uint16_t minor) {
    const Duration now = dice_.between(Duration{}, length_ - 90min);
    stay(minor, static_cast<ScannerIndex>(dice_.between(0, kScanners - 1)), now, dice_.between(2s, 40s), kNear);
  }

  [[nodiscard]] std::vector<Heard> in_order() {
    std::ranges::stable_sort(heard_, {}, &Heard::at);
    return std::move(heard_);
  }

 private:
  Duration stay(std::uint16_t minor, ScannerIndex near, Duration from, Duration length, int level_dbm) {
    Duration now = from;
    for (; now < from + length; now += dice_.between(1500ms, 5s)) {
      hear(minor, near, now, level_dbm);
      if (dice_.percent(25)) hear(minor, static_cast<ScannerIndex>((near + 1) % kScanners), now + 20ms, kFar + kSwing);
    }
    return now;
  }

  void hear(std::uint16_t minor, ScannerIndex scanner, Duration at, int level_dbm) {
    const auto rssi = static_cast<std::int8_t>(level_dbm + dice_.between(-kSwing, kSwing));
    heard_.push_back({at, minor, scanner, rssi});
  }

  Dice dice_;
  Duration length_;
  std::vector<Heard> heard_;
};

}  // namespace

std::vector<Heard> walks_of_a_day(std::uint64_t seed, int shoppers, Duration length) {
  Walks walks{seed, length};
  Dice dice{seed, DiceFor::shop};
  for (int i = 1; i <= shoppers; ++i)
    for (int comes = dice.between(0, 3); comes > 0; --comes) walks.come(static_cast<std::uint16_t>(i));
  walks.come(kStaffMinor);
  walks.come(kContestedMinor);
  const int strangers = dice.between(5, 30);
  for (int i = 0; i < strangers; ++i) walks.pass_by(static_cast<std::uint16_t>(kFirstStranger + i));
  return walks.in_order();
}

}  // namespace beacon_gateway_test
