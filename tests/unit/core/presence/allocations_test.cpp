// Counts what the global operator new is asked for: therefore a program of its own.
#include <cstdlib>
#include <new>

#include "core/presence/calibration.hpp"
#include "tests/catch.hpp"
#include "tests/unit/core/presence/walk.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t octets) {
  ++allocations;
  void* const memory = std::malloc(octets);
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}
void* operator new(std::size_t octets, const std::nothrow_t& /*tag*/) noexcept {
  ++allocations;
  return std::malloc(octets);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*octets*/) noexcept {
  std::free(memory);
}

TEST_CASE("once a visit is open a sighting allocates nothing") {
  Shop shop = small_shop();
  shop.calibration = std::make_shared<Calibration>(Calibration{{{std::nullopt, {-90, -90, kUnheardDbm}},
                                                                {kEntranceZone, {-72, -72, -92}},
                                                                {kAisleZone, {kUnheardDbm, kUnheardDbm, -70}}}});
  Presence presence(shop);
  Track track;
  std::vector<PresenceChange> changes;
  const auto hear = [&](int begin, int end) {
    for (int i = begin; i < end; ++i) {
      const Instant now = at(0.5 * i);
      for (const ScannerIndex scanner : {kDoor, kWindow, kAisle}) presence.note_alive(scanner, now);
      presence.observe(track, kDoor, -70 - i % 7, now, changes);
      presence.observe(track, kWindow, -73, now, changes);
      changes.clear();
    }
  };
  hear(0, 100);
  CHECK(allocations > 0);  // they are counted
  REQUIRE(track.visit);
  const std::size_t before = allocations;
  hear(100, 1000);
  CHECK(allocations == before);
}
