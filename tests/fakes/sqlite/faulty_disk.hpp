// A disk in memory under SQLite, with knobs: it fails at the n-th call, is full, stalls, loses power, lies about what
// it has written. As long as it lives it is where every database of the process lies (SQLite's default VFS,
// sqlite.org/vfs.html); only databases that are locked exclusively can use a log there, as ours are.
//
// A power cut keeps what was synced; of what was written since, each write is kept, lost, or kept up to a sector
// of 512 octets. That files were made or deleted is kept always. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace beacon_gateway_test {

class FaultyDisk {
 public:
  enum class Fault : std::uint8_t { none, io_error, short_write, sync_error, full };
  enum class Call : std::uint8_t { open, read, write, truncate, sync, erase };

  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // Knobs.
  void fail_at(int call, Fault one, int times = 1);  // counted from 1, from now on
  void cut_power_at(int call);                       // from that call on nothing happens and everything fails
  void restore_power(std::mt19937_64& random);
  void survive_kill() { cut_ = 0; }  // it was not the power, only the process: the system keeps all that was written
  std::optional<std::int64_t> room;  // octets in all files together
  bool lies = false;                 // a sync does nothing and says that it did
  std::function<void()> stall;       // what happens elsewhere while the next sync takes its time; once

  [[nodiscard]] int calls() const { return calls_; }
  [[nodiscard]] std::int64_t octets() const;
  [[nodiscard]] std::string contents(const std::string& path) const { return files_.at(path)->now; }

  // What the calls of SQLite do; answer its result codes.
  struct Write {
    std::int64_t at = 0;
    std::string octets;
    bool truncates = false;  // to `at`
  };
  struct File {
    std::string now;
    std::string durable;
    std::vector<Write> since;  // the last sync
  };
  [[nodiscard]] int fault(Call call);
  [[nodiscard]] File* open(const std::string& path, bool create);
  [[nodiscard]] bool exists(const std::string& path) const { return files_.contains(path); }
  int read(const File& file, char* to, std::int64_t size, std::int64_t at);
  int write(File& file, const char* from, std::int64_t size, std::int64_t at);
  int truncate(File& file, std::int64_t size);
  int sync(File& file);
  int erase(const std::string& path);

 private:
  struct Driver;
  static void apply(std::string& octets, const Write& write);

  std::unique_ptr<Driver> driver_;
  std::map<std::string, std::unique_ptr<File>> files_;
  std::vector<std::unique_ptr<File>> deleted_;  // somebody may have them open
  Fault fault_ = Fault::none;
  int first_ = 0;
  int last_ = 0;
  int cut_ = 0;  // 0: never
  int calls_ = 0;
  bool half_ = false;  // of the present write
};

}  // namespace beacon_gateway_test
