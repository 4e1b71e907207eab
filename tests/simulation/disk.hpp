// What outlives the simulated process: the two real stores, in memory or, so that they are read again from what was
// committed, as files. Not sealed, so that a file can be searched for what must not be in it.
#pragma once

#include <memory>
#include <optional>

#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "drivers/sqlite/sqlite_profile_store.hpp"
#include "tests/fakes/temporary_directory.hpp"

namespace beacon_gateway_test {

class Disk {
 public:
  Disk(bool in_files, beacon_gateway::sqlite::JourneyStoreOptions options);

  // The process died or begins: stores in files are opened anew.
  void reopen();

  [[nodiscard]] beacon_gateway::JourneyStore& journey() { return *journey_; }
  [[nodiscard]] beacon_gateway::ProfileStore& profiles() { return *profiles_; }
  // Whether these octets lie anywhere in the files.
  [[nodiscard]] bool holds(const std::string& octets) const;

 private:
  [[nodiscard]] std::filesystem::path file(const char* name) const;

  std::optional<TemporaryDirectory> folder_;
  beacon_gateway::sqlite::JourneyStoreOptions options_;
  std::unique_ptr<beacon_gateway::sqlite::SqliteProfileStore> profiles_;
  std::unique_ptr<beacon_gateway::sqlite::SqliteJourneyStore> journey_;
};

}  // namespace beacon_gateway_test
