// Cases 31, 32 and 33: a disk that is full, fails at one call, loses power or lies.
#include <fstream>

#include "tests/faults/seed.hpp"
#include "tests/faults/store_world.hpp"
#include "tests/unit/drivers/sqlite/store_files.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using Fault = FaultyDisk::Fault;

namespace {

// How many calls of the disk a life of the store takes, from opening it to closing it.
int calls_of_a_life() {
  StoreWorld world;
  world.disk.fail_at(0, Fault::none);
  {
    const auto store = world.open();
    REQUIRE(world.work(*store));
  }
  return world.disk.calls();
}

// A clean error, or none. True: the store was opened.
bool live(StoreWorld& world, bool go_on) {
  try {
    const auto store = world.open();
    if (world.work(*store) || !go_on) return true;
    world.check(*store);
    REQUIRE(store->recover());
    world.check_goes_on(*store);
    return true;
  } catch (const StoreUnavailable&) {
    return false;
  }
}

}  // namespace

TEST_CASE("case 32: whichever call of the disk fails, nothing is said to be recorded that is not") {
  const int calls = calls_of_a_life();
  REQUIRE(calls > 100);
  const int step = rounds(5, 1);
  const int times = GENERATE(1, 3);
  for (const Fault fault : {Fault::io_error, Fault::short_write, Fault::sync_error, Fault::full}) {
    for (int call = 1 + static_cast<int>(seed() % static_cast<unsigned>(step)); call <= calls; call += step) {
      CAPTURE(seed(), times, static_cast<int>(fault), call);
      StoreWorld world;
      world.disk.fail_at(call, fault, times);
      (void)live(world, times == 1);
      world.disk.fail_at(0, Fault::none);
      const auto store = world.open();
      world.check(*store);
      CHECK(store->totals().missing == 0);
      world.check_goes_on(*store);
    }
  }
}

TEST_CASE("case 33: wherever the power goes, what was committed is there") {
  std::mt19937_64 random{seed()};
  const int calls = calls_of_a_life();
  for (int round = 0; round < rounds(80, 1000); ++round) {
    const int call = 1 + static_cast<int>(random() % static_cast<unsigned>(calls));
    CAPTURE(seed(), round, call);
    StoreWorld world;
    world.disk.cut_power_at(call);
    (void)live(world, false);
    world.disk.restore_power(random);
    if (random() % 2 == 0)  // the mark had not been written out either
      std::filesystem::remove(sqlite::SequenceMark::file_of(world.file));
    // The power may go again while it starts.
    world.disk.cut_power_at(1 + static_cast<int>(random() % 40));
    (void)live(world, false);
    world.disk.restore_power(random);
    const auto store = world.open();
    world.check(*store);
    CHECK(store->totals().missing == 0);
    world.check_goes_on(*store);
  }
}

TEST_CASE("case 33: a disk that lies about what it has written loses rows, and the mark tells how many") {
  std::mt19937_64 random{seed()};
  int told = 0;
  for (int round = 0; round < rounds(80, 1000); ++round) {
    CAPTURE(seed(), round);
    StoreWorld world;
    {
      REQUIRE(world.work(*world.open()));
    }
    world.disk.lies = true;
    world.disk.cut_power_at(40 + static_cast<int>(random() % 100));
    (void)live(world, false);
    world.disk.lies = false;
    world.disk.restore_power(random);
    std::unique_ptr<sqlite::SqliteJourneyStore> store;
    try {
      store = world.open();
    } catch (const sqlite::DamagedFile&) {
      continue;  // torn for good; on a real disk it would be set aside: see store_damage_test
    }
    world.check(*store);
    told += store->totals().missing > 0 ? 1 : 0;
    world.forget_the_past(*store);
    world.check_goes_on(*store);
    world.check(*store);
  }
  CHECK(told > 0);
}

TEST_CASE("case 31: on a full disk what is recorded stays and can be read, and with room the same store goes on") {
  StoreWorld world;
  const auto store = world.open();
  REQUIRE(world.work(*store));
  const auto ballast = world.directory.path() / "ballast";
  CHECK(std::filesystem::file_size(ballast) == static_cast<std::uintmax_t>(sqlite::Ballast::kOctets));
  world.disk.room = world.disk.octets();
  while (world.work(*store)) continue;
  world.check(*store);
  constexpr int kForEver = 1'000'000;
  world.disk.fail_at(1, Fault::full, kForEver);  // the ballast lies on another disk here, which has room
  CHECK_FALSE(store->recover());
  CHECK_FALSE(std::filesystem::exists(ballast));
  world.check(*store);
  world.disk.fail_at(0, Fault::none);
  SECTION("what ends makes room, given as much as the ballast held") {
    *world.disk.room += sqlite::Ballast::kOctets;
    const auto rows = store->waiting_after(0, 1000);
    store->transact([&] {
      for (const OutboxRow& row : rows) store->end_row(row.sequence, RowEnd::delivered);
    });
    CHECK(store->totals().waiting == 0);
    world.forget_the_past(*store);
  }
  SECTION("somebody frees space") {
    world.disk.room.reset();
  }
  CHECK(store->recover());
  CHECK(std::filesystem::exists(ballast));
  world.check_goes_on(*store);
  world.check(*store);
}
