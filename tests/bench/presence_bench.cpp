// What a sighting costs presence, by how many people are in the shop: nobody should pay for the others.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "core/presence/calibration.hpp"
#include "core/presence/presence.hpp"
#include "tests/bench/shops.hpp"

namespace beacon_gateway::bench {
namespace {

constexpr int kZones = 4;
constexpr int kSpotsOfZone = 15;  // as many as a fit gives after a long walk
constexpr int kStreetSpots = 36;
constexpr Duration kAdvertisingInterval = std::chrono::milliseconds{300};

// A row of zones with a scanner each, and spots at random levels.
Shop shop(bool calibrated) {
  Shop shop;
  for (int i = 0; i < kZones; ++i) {
    shop.zones.push_back({"zone-" + std::to_string(i), i == 0, -72, -80, {}});
    shop.scanners.push_back({"hci" + std::to_string(i), static_cast<ZoneIndex>(i), 0});
  }
  if (!calibrated) return shop;
  std::mt19937 random{1};
  std::uniform_real_distribution<double> level(-98, -65);
  auto calibration = std::make_shared<Calibration>();
  for (int i = 0; i < kStreetSpots + kZones * kSpotsOfZone; ++i) {
    Spot spot;
    if (i >= kStreetSpots) spot.zone = static_cast<ZoneIndex>((i - kStreetSpots) / kSpotsOfZone);
    for (int scanner = 0; scanner < kZones; ++scanner) spot.levels_dbm.push_back(level(random));
    calibration->spots.push_back(std::move(spot));
  }
  shop.calibration = std::move(calibration);
  return shop;
}

// One item is one sighting; each person is heard in turn, by one scanner after the other.
void sighting(benchmark::State& state, bool calibrated) {
  const Shop here = shop(calibrated);
  Presence presence(here);
  std::vector<Track> people(static_cast<std::size_t>(state.range(0)));
  std::vector<PresenceChange> changes;
  Instant now = capture_instant(kNow);
  int round = 0;
  for (auto _ : state) {
    now = later(now, kAdvertisingInterval);
    const auto scanner = static_cast<ScannerIndex>(round++ % kZones);
    presence.note_alive(scanner, now);
    for (Track& person : people) {
      changes.clear();
      presence.observe(person, scanner, -70 - round % 8, now, changes);
    }
    benchmark::DoNotOptimize(changes);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK_CAPTURE(sighting, calibrated, true)->Name("presence/calibrated")->Arg(10)->Arg(100)->Arg(2000);
BENCHMARK_CAPTURE(sighting, simple, false)->Name("presence/simple")->Arg(10)->Arg(100)->Arg(2000);

}  // namespace
}  // namespace beacon_gateway::bench
