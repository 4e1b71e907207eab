#include "drivers/sqlite/open_stores.hpp"

#include "drivers/sqlite/ballast.hpp"
#include "drivers/sqlite/quarantine.hpp"

namespace beacon_gateway::sqlite {
namespace {

// `make(anew)`.
template <class Make>
auto open_or_begin_anew(const std::filesystem::path& path, const Make& make) {
  if (path == ":memory:") return make(false);
  remove_set_aside_after_a_week(path);
  const bool damaged = damage_noted(path);
  if (damaged) set_aside(path, "damage was found while the gateway ran");
  try {
    return make(damaged);
  } catch (const DamagedFile& error) {
    set_aside(path, error.what());
    return make(true);
  } catch (const StoreUnavailable&) {  // if it is no better then, that is thrown
    Ballast{path.parent_path()}.give_back();
  }
  return make(damaged);
}

}  // namespace

std::unique_ptr<SqliteJourneyStore> open_journey_store(const std::filesystem::path& path,
                                                       const JourneyStoreOptions& options, const StoreSeal& seal) {
  return open_or_begin_anew(path, [&](bool anew) {
    auto store = std::make_unique<SqliteJourneyStore>(path, options, seal);
    store->check();
    if (anew) store->note_begun_anew();
    return store;
  });
}

std::unique_ptr<SqliteProfileStore> open_profile_store(const std::filesystem::path& path, const StoreSeal& seal) {
  return open_or_begin_anew(path, [&](bool) { return std::make_unique<SqliteProfileStore>(path, seal); });
}

}  // namespace beacon_gateway::sqlite
