#include "drivers/sqlite/ballast.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

namespace beacon_gateway::sqlite {

Ballast::Ballast(const std::filesystem::path& folder) {
  if (!folder.empty()) file_ = folder / "ballast";
}

bool Ballast::lay() {
  if (file_.empty()) return true;
  std::error_code none;
  if (std::filesystem::file_size(file_, none) == kOctets && !none) return true;
  const int descriptor = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return false;
  // Twice as much for a moment: there is as much room again.
  const bool laid = ::posix_fallocate(descriptor, 0, 2 * kOctets) == 0 && ::ftruncate(descriptor, kOctets) == 0;
  ::close(descriptor);
  if (!laid) give_back();
  return laid;
}

void Ballast::give_back() {
  if (!file_.empty()) ::unlink(file_.c_str());  // not there: nothing to give
}

}  // namespace beacon_gateway::sqlite
