// Disk space held back, so that there is some when there is none: on a full disk SQLite cannot even delete
// (reliability E11: with 2 MiB given back, deletes, checkpoints and inserts work again).
//
// A file "ballast" of kOctets beside the stores. It is given back when the disk is full, so that what ends can be taken
// out of the outbox, and laid again only once there is room for it and as much beside it: else the next row would fill
// the disk again. Belongs to one thread.
#pragma once

#include <cstdint>
#include <filesystem>

namespace beacon_gateway::sqlite {

class Ballast {
 public:
  static constexpr std::int64_t kOctets = 4LL * 1024 * 1024;

  // `folder` empty: a store in memory, which needs none.
  explicit Ballast(const std::filesystem::path& folder);

  // True: it lies there, laid now or before.
  [[nodiscard]] bool lay();
  void give_back();

 private:
  std::filesystem::path file_;
};

}  // namespace beacon_gateway::sqlite
