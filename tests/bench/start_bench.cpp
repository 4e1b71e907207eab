// A start: from a sealed store on disk, as the page cache has it, to a recogniser that knows everybody. Beside it the
// least that this can cost: reading the same rows and doing nothing with them.
#include <benchmark/benchmark.h>

#include <string>

#include "core/identity/recogniser.hpp"
#include "drivers/sqlite/database.hpp"
#include "drivers/sqlite/sqlite_profile_store.hpp"
#include "tests/bench/shops.hpp"
#include "tests/fakes/temporary_directory.hpp"

namespace beacon_gateway::bench {
namespace {

constexpr std::uint32_t kProfiles = 100'000;

// About a kilobyte and a half of JSON, as a shop's loyalty programme would send.
Profile profile(std::uint32_t number) {
  Profile result{.shopper_id = *ShopperId::parse("shopper-" + std::to_string(number)), .version = 7};
  result.identifiers = {kind("rolling-token").identifier(number), kind("ibeacon").identifier(number)};
  for (const Purpose purpose : {Purpose::presence, Purpose::welcome, Purpose::promotion})
    result.consents.push_back({purpose, kNow - std::chrono::days{30}, std::nullopt, "v3-th", "app"});
  result.language = "th";
  result.segments = {"gold", "skincare", "weekday"};
  result.attributes = {{"nickname", "มะลิ"}};
  for (int i = 0; i < 5; ++i)
    result.recommendations.push_back(
        {"100" + std::to_string(i),
         0.8,
         "skincare",
         {{"th", "เซรั่มวิตามินซีเข้มข้นสำหรับผิวหน้า"}, {"en", "Concentrated vitamin C serum for the face"}}});
  return result;
}

struct StoreOnDisk {
  beacon_gateway_test::TemporaryDirectory folder;
  std::filesystem::path file = folder.path() / "profiles.db";
  sqlite::StoreSeal seal{sqlite::SecretKey::random(), std::nullopt};

  StoreOnDisk() {
    sqlite::SqliteProfileStore store{file, seal};
    store.transact([&] {
      for (std::uint32_t i = 0; i < kProfiles; ++i) store.put(profile(i));
    });
  }
};
const StoreOnDisk& store_on_disk() {
  static const StoreOnDisk made;
  return made;
}

// One item is one start.
void become_ready(benchmark::State& state) {
  const StoreOnDisk& disk = store_on_disk();
  for (auto _ : state) {
    sqlite::SqliteProfileStore store{disk.file, disk.seal};
    Recogniser recogniser{IdentityRules{}, Key128{{1, 2, 3}}};
    store.for_each_identity([&](const Identity& identity) { recogniser.add(identity, kNow); });
    recogniser.shrink_to_fit();
    if (recogniser.size() != 2 * kProfiles) state.SkipWithError("not everybody is known");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(become_ready)->Name("start/ready")->UseRealTime();

void scan_plainly(benchmark::State& state) {
  const StoreOnDisk& disk = store_on_disk();
  for (auto _ : state) {
    sqlite::Database database{disk.file};
    std::size_t octets = 0;
    database.prepare("SELECT shopper, identity FROM records").run([&](sqlite::Statement& row) {
      octets += row.octets(0).size() + row.octets(1).size();
    });
    database.prepare("SELECT day, key FROM day_keys").run([&](sqlite::Statement& row) {
      octets += row.octets(1).size();
    });
    benchmark::DoNotOptimize(octets);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(scan_plainly)->Name("start/plain scan")->UseRealTime();

}  // namespace
}  // namespace beacon_gateway::bench
