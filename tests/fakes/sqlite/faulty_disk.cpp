#include "tests/fakes/sqlite/faulty_disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace beacon_gateway_test {
namespace {

constexpr std::int64_t kSector = 512;

// What SQLite allocates for an open file: its part first.
struct OpenFile {
  sqlite3_file base;
  FaultyDisk* disk;
  FaultyDisk::File* file;
};
OpenFile& as_open(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}
FaultyDisk& disk_of(sqlite3_vfs* vfs) {
  return *static_cast<FaultyDisk*>(vfs->pAppData);
}

const sqlite3_io_methods kFileMethods{
    .iVersion = 1,  // no shared memory
    .xClose = [](sqlite3_file*) { return SQLITE_OK; },
    .xRead =
        [](sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
          return as_open(file).disk->read(*as_open(file).file, static_cast<char*>(to), size, at);
        },
    .xWrite =
        [](sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
          return as_open(file).disk->write(*as_open(file).file, static_cast<const char*>(from), size, at);
        },
    .xTruncate = [](sqlite3_file* file,
                    sqlite3_int64 size) { return as_open(file).disk->truncate(*as_open(file).file, size); },
    .xSync = [](sqlite3_file* file, int) { return as_open(file).disk->sync(*as_open(file).file); },
    .xFileSize =
        [](sqlite3_file* file, sqlite3_int64* size) {
          *size = static_cast<sqlite3_int64>(as_open(file).file->now.size());
          return SQLITE_OK;
        },
    .xLock = [](sqlite3_file*, int) { return SQLITE_OK; },
    .xUnlock = [](sqlite3_file*, int) { return SQLITE_OK; },
    .xCheckReservedLock =
        [](sqlite3_file*, int* held) {
          *held = 0;
          return SQLITE_OK;
        },
    .xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
    .xSectorSize = [](sqlite3_file*) { return static_cast<int>(kSector); },
    .xDeviceCharacteristics = [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; },
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  OpenFile& opened = as_open(file);
  opened.base.pMethods = nullptr;
  opened.disk = &disk_of(vfs);
  if (opened.disk->fault(FaultyDisk::Call::open) != SQLITE_OK) return SQLITE_CANTOPEN;
  opened.file = opened.disk->open(name == nullptr ? "temporary" : name, (flags & SQLITE_OPEN_CREATE) != 0);
  if (opened.file == nullptr) return SQLITE_CANTOPEN;
  opened.base.pMethods = &kFileMethods;
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

}  // namespace

struct FaultyDisk::Driver {
  sqlite3_vfs vfs{};
  sqlite3_vfs* before = nullptr;
};

FaultyDisk::FaultyDisk() : driver_(std::make_unique<Driver>()) {
  constexpr int kLongestPath = 512;
  driver_->before = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = driver_->vfs;
  vfs = *driver_->before;  // clock, sleep, randomness
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.mxPathname = kLongestPath;
  vfs.pNext = nullptr;
  vfs.zName = "faulty-disk";
  vfs.pAppData = this;
  vfs.xOpen = open_file;
  vfs.xDelete = [](sqlite3_vfs* one, const char* name, int) { return disk_of(one).erase(name); };
  vfs.xAccess = [](sqlite3_vfs* one, const char* name, int, int* result) {
    *result = disk_of(one).exists(name) ? 1 : 0;
    return SQLITE_OK;
  };
  vfs.xFullPathname = [](sqlite3_vfs*, const char* name, int size, char* full) {
    sqlite3_snprintf(size, full, "%s", name);
    return SQLITE_OK;
  };
  sqlite3_vfs_register(&vfs, 1);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&driver_->vfs);
  sqlite3_vfs_register(driver_->before, 1);
}

void FaultyDisk::fail_at(int call, Fault one, int times) {
  calls_ = 0;
  fault_ = one;
  first_ = call;
  last_ = call + times - 1;
}

void FaultyDisk::cut_power_at(int call) {
  calls_ = 0;
  cut_ = call;
}

void FaultyDisk::restore_power(std::mt19937_64& random) {
  cut_ = 0;
  for (auto& [path, file] : files_) {
    for (Write write : file->since) {
      const auto fate = random() % 3;
      if (fate == 0) continue;
      if (fate == 1 && !write.truncates) {
        const auto sectors = static_cast<std::int64_t>(write.octets.size()) / kSector;
        write.octets.resize(static_cast<std::size_t>(
            sectors > 0 ? static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(sectors)) * kSector : 0));
      }
      apply(file->durable, write);
    }
    file->since.clear();
    file->now = file->durable;
  }
}

std::int64_t FaultyDisk::octets() const {
  std::int64_t sum = 0;
  for (const auto& [path, file] : files_) sum += static_cast<std::int64_t>(file->now.size());
  return sum;
}

void FaultyDisk::apply(std::string& octets, const Write& write) {
  const auto at = static_cast<std::size_t>(write.at);
  if (write.truncates) return octets.resize(at);
  octets.resize(std::max(octets.size(), at + write.octets.size()));
  octets.replace(at, write.octets.size(), write.octets);
}

int FaultyDisk::fault(Call call) {
  ++calls_;
  half_ = false;
  const int error = call == Call::read    ? SQLITE_IOERR_READ
                    : call == Call::write ? SQLITE_IOERR_WRITE
                    : call == Call::sync  ? SQLITE_IOERR_FSYNC
                    : call == Call::erase ? SQLITE_IOERR_DELETE
                                          : SQLITE_IOERR_TRUNCATE;
  if (cut_ > 0 && calls_ >= cut_) return error;
  if (calls_ < first_ || calls_ > last_) return SQLITE_OK;
  switch (fault_) {
    case Fault::io_error:
      return error;
    case Fault::short_write:
      half_ = call == Call::write;
      return half_ ? SQLITE_FULL : SQLITE_OK;  // as the driver for Unix tells a write that ends early
    case Fault::sync_error:
      return call == Call::sync ? error : SQLITE_OK;
    case Fault::full:
      return call == Call::write ? SQLITE_FULL : SQLITE_OK;
    case Fault::none:
      break;
  }
  return SQLITE_OK;
}

FaultyDisk::File* FaultyDisk::open(const std::string& path, bool create) {
  const auto found = files_.find(path);
  if (found != files_.end()) return found->second.get();
  return create ? files_.emplace(path, std::make_unique<File>()).first->second.get() : nullptr;
}

int FaultyDisk::read(const File& file, char* to, std::int64_t size, std::int64_t at) {
  if (const int error = fault(Call::read); error != SQLITE_OK) return error;
  const std::int64_t there = std::clamp<std::int64_t>(static_cast<std::int64_t>(file.now.size()) - at, 0, size);
  if (there > 0) std::memcpy(to, file.now.data() + at, static_cast<std::size_t>(there));
  std::memset(to + there, 0, static_cast<std::size_t>(size - there));
  return there == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int FaultyDisk::write(File& file, const char* from, std::int64_t size, std::int64_t at) {
  const std::int64_t grows = std::max<std::int64_t>(0, at + size - static_cast<std::int64_t>(file.now.size()));
  int result = fault(Call::write);
  if (result == SQLITE_OK && room && octets() + grows > *room) result = SQLITE_FULL;
  if (result != SQLITE_OK && !half_) return result;
  const Write write{at, {from, static_cast<std::size_t>(half_ ? size / 2 : size)}, false};
  apply(file.now, write);
  file.since.push_back(write);
  return result;
}

int FaultyDisk::truncate(File& file, std::int64_t size) {
  if (const int error = fault(Call::truncate); error != SQLITE_OK) return error;
  const Write write{size, {}, true};
  apply(file.now, write);
  file.since.push_back(write);
  return SQLITE_OK;
}

int FaultyDisk::sync(File& file) {
  if (stall) std::exchange(stall, nullptr)();
  if (const int error = fault(Call::sync); error != SQLITE_OK) return error;
  if (lies) return SQLITE_OK;
  file.durable = file.now;
  file.since.clear();
  return SQLITE_OK;
}

int FaultyDisk::erase(const std::string& path) {
  if (const int error = fault(Call::erase); error != SQLITE_OK) return error;
  const auto found = files_.find(path);
  if (found == files_.end()) return SQLITE_IOERR_DELETE_NOENT;
  deleted_.push_back(std::move(found->second));
  files_.erase(found);
  return SQLITE_OK;
}

}  // namespace beacon_gateway_test
