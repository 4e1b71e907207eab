// The stores as the gateway opens them: one that is damaged is set aside (quarantine.hpp) and begun anew, and on a full
// disk the ballast makes room. A wrong key, a newer version or a file that somebody else holds is thrown as by the
// constructors, and the file stays as it is.
//
// A journey begun anew knows no visits and no caps: shoppers who are in the shop are welcomed again, with the
// `dedupe_key` of the day's first welcome, by which the orchestrator tells. Profiles begun anew have revision 0, so the
// orchestrator is asked for all of them; what it signed before counts as new until its first message.
#pragma once

#include <filesystem>
#include <memory>

#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "drivers/sqlite/sqlite_profile_store.hpp"

namespace beacon_gateway::sqlite {

// Reads the whole file for damage in its structure, as the orders to send lie there.
[[nodiscard]] std::unique_ptr<SqliteJourneyStore> open_journey_store(const std::filesystem::path& path,
                                                                     const JourneyStoreOptions& options,
                                                                     const StoreSeal& seal);
// Does not: it may be large, and whatever of it is used is checked when it is read.
[[nodiscard]] std::unique_ptr<SqliteProfileStore> open_profile_store(const std::filesystem::path& path,
                                                                     const StoreSeal& seal);

}  // namespace beacon_gateway::sqlite
