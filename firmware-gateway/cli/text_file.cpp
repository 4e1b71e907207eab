#include "cli/text_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace beacon_gateway {

tl::expected<std::string, std::string> text_of_file(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be asked about cannot be opened either
  errno = std::filesystem::is_directory(path, ignored) ? EISDIR : 0;
  std::ifstream file{path, std::ios::binary};
  if (errno == EISDIR || !file)
    return tl::unexpected(fmt::format("{}: error: cannot be read: {}", path.string(), std::strerror(errno)));
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

}  // namespace beacon_gateway
