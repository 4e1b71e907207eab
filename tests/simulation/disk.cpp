#include "tests/simulation/disk.hpp"

#include <fstream>
#include <iterator>

namespace beacon_gateway_test {

using beacon_gateway::sqlite::SqliteJourneyStore;
using beacon_gateway::sqlite::SqliteProfileStore;

Disk::Disk(bool in_files, beacon_gateway::sqlite::JourneyStoreOptions options) : options_(std::move(options)) {
  if (in_files) folder_.emplace();
  profiles_ = std::make_unique<SqliteProfileStore>(file("profiles.db"));
  journey_ = std::make_unique<SqliteJourneyStore>(file("journey.db"), options_);
}

void Disk::reopen() {
  if (!folder_) return journey_->reconfigure(options_.shop);
  journey_.reset();
  profiles_.reset();
  profiles_ = std::make_unique<SqliteProfileStore>(file("profiles.db"));
  journey_ = std::make_unique<SqliteJourneyStore>(file("journey.db"), options_);
}

std::filesystem::path Disk::file(const char* name) const {
  return folder_ ? folder_->path() / name : std::filesystem::path{":memory:"};
}

bool Disk::holds(const std::string& octets) const {
  if (!folder_) return false;
  for (const auto& entry : std::filesystem::directory_iterator{folder_->path()}) {
    std::ifstream stream{entry.path(), std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{stream}, {}};
    if (content.find(octets) != std::string::npos) return true;
  }
  return false;
}

}  // namespace beacon_gateway_test
