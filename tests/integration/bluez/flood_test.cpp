// A hundred thousand strangers: bounded memory, and the shopper among them is heard.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <string>

#include "runtime/event_queue.hpp"
#include "tests/catch.hpp"
#include "tests/integration/bluez/radio_world.hpp"

namespace beacon_gateway_test {
namespace {

using namespace beacon_gateway;
using bluez::BluezRadio;

std::size_t resident_kib() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;)
    if (word == "VmRSS:") {
      std::size_t kib = 0;
      status >> kib;
      return kib;
    }
  return 0;
}

// Half of what the gateway may have in all (promise 4); the fakes live in this process too.
constexpr std::size_t kMostGrowthKib = 32 * 1024;
constexpr std::uint32_t kStrangers = 100'000;
constexpr std::uint32_t kStrangersASecond = 10'000;

TEST_CASE("a flood of new addresses neither fills memory nor hides the shopper") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  FakeAdapter adapter;
  adapter.has_monitors = true;  // without one the scan starts anew every 3 s, and each start loses a few packets
  bluez.plug(adapter);
  bluez.run();
  FakeDevice shopper = tag(1);
  shopper.interval = 500ms;
  bluez.advertise(shopper);
  const Listener listener{hasty_options(bus)};
  REQUIRE(soon([&] { return listener.scanner().mode == ScanMode::monitor; }));
  REQUIRE(soon([&] { return listener.heard(shopper.address) > 0; }));
  const std::size_t before = resident_kib();
  bluez.flood(kStrangers, kStrangersASecond);
  REQUIRE(soon([&] { return bluez.flood_left() == 0; }, 300s));
  const std::uint64_t heard = listener.heard(shopper.address);
  CHECK(soon([&] { return listener.heard(shopper.address) > heard; }));
  CHECK(soon([&] { return listener.heard_in_all() >= kStrangers; }));
  CHECK(listener.longest_gap(shopper.address) < 2s);
  const std::size_t growth = resident_kib() - std::min(before, resident_kib());
  UNSCOPED_INFO("growth " << growth << " KiB, longest gap " << listener.longest_gap(shopper.address).count() << " ms");
#ifndef __SANITIZE_ADDRESS__  // which keeps what was freed
  CHECK(growth < kMostGrowthKib);
#endif
}

// Case 27 of reliability.md D. The radio's thread is not the one that stands still: what it says of itself still comes.
TEST_CASE("a loop that stands still while signals pour in: the newest wait, the oldest go and are counted") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  FakeAdapter adapter;
  adapter.has_monitors = true;  // as above: all must come
  bluez.plug(adapter);
  bluez.run();
  auto options = hasty_options(bus);
  EventQueue queue;
  std::atomic<std::uint64_t> heard = 0;
  std::atomic<std::uint64_t> told = 0;
  std::atomic<bool> hears_all = false;
  BluezRadio radio{options};
  radio.start({[&](const Advertisement& advertisement) {
                 queue.post(advertisement);
                 ++heard;
                 return true;
               },
               {},
               {},
               [&](const RadioStatus& status) {
                 ++told;
                 hears_all = status.scanners.front().mode == ScanMode::monitor;
               }});
  REQUIRE(soon([&] { return hears_all.load(); }));
  queue.post(StopRequested{});
  constexpr std::uint32_t kSignals = 25'000;  // five seconds at 5 000 a second
  bluez.flood(kSignals, kStrangersASecond);
  REQUIRE(soon([&] { return heard >= kSignals; }, 300s));
  const auto told_so_far = told.load();
  CHECK(soon([&] { return told > told_so_far; }));
  radio.stop();
  std::vector<LoopEvent> events;
  queue.take(events, 2 * EventQueue::kMostAdvertisements, 0ms);
  const auto waiting = static_cast<std::size_t>(std::ranges::count_if(
      events, [](const LoopEvent& event) { return std::holds_alternative<Advertisement>(event); }));
  CHECK(waiting == EventQueue::kMostAdvertisements);
  CHECK(queue.take_overflow() == heard - waiting);
  CHECK(std::holds_alternative<StopRequested>(events.front()));
}

}  // namespace
}  // namespace beacon_gateway_test
