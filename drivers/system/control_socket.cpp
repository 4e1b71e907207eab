#include "drivers/system/control_socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

namespace beacon_gateway::system {
namespace {

// An import of 100 000 profiles of 1 KiB is 100 MiB.
constexpr std::uint32_t kLargestMessage = 256U * 1024 * 1024;
// A peer that stops in the middle must not keep the others out for longer.
constexpr timeval kPeerPatience{10, 0};
constexpr int kBacklog = 8;
constexpr mode_t kEverybody = 0666;

[[noreturn]] void fail(const std::filesystem::path& path, const char* doing) {
  throw std::system_error(errno, std::generic_category(), fmt::format("{} {}", doing, path.string()));
}

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    fail(path, "control socket");
  }
  std::memcpy(address.sun_path, text.c_str(), text.size());
  return address;
}

FileDescriptor connected(const std::filesystem::path& path) {
  const sockaddr_un address = address_of(path);
  FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!socket) fail(path, "control socket");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  return socket;
}

bool write_all(int socket, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t done = ::send(socket, data, size, MSG_NOSIGNAL);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    data += done;
    size -= static_cast<std::size_t>(done);
  }
  return true;
}

bool read_all(int socket, char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t done = ::recv(socket, data, size, 0);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    data += done;
    size -= static_cast<std::size_t>(done);
  }
  return true;
}

bool write_message(int socket, const std::string& text) {
  const std::uint32_t length = htonl(static_cast<std::uint32_t>(text.size()));
  std::array<char, sizeof length> prefix{};
  std::memcpy(prefix.data(), &length, sizeof length);
  return write_all(socket, prefix.data(), prefix.size()) && write_all(socket, text.data(), text.size());
}

std::optional<std::string> read_message(int socket) {
  std::uint32_t length = 0;
  std::array<char, sizeof length> prefix{};
  if (!read_all(socket, prefix.data(), prefix.size())) return std::nullopt;
  std::memcpy(&length, prefix.data(), sizeof length);
  length = ntohl(length);
  if (length > kLargestMessage) return std::nullopt;
  std::string text(length, '\0');
  if (!read_all(socket, text.data(), text.size())) return std::nullopt;
  return text;
}

bool in_operators_group(int connection, gid_t primary) {
  const group* operators = ::getgrnam(kOperatorsGroup);
  if (operators == nullptr) return false;
  if (operators->gr_gid == primary) return true;
  std::vector<gid_t> groups(64);
  auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  int result = ::getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
  if (result != 0 && errno == ERANGE) {
    groups.resize(size / sizeof(gid_t));
    result = ::getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
  }
  if (result != 0) return false;
  groups.resize(size / sizeof(gid_t));
  return std::ranges::find(groups, operators->gr_gid) != groups.end();
}

Peer peer_of(int connection) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {~0U, false};
  const bool is_operator =
      credentials.uid == 0 || credentials.uid == ::geteuid() || in_operators_group(connection, credentials.gid);
  return {credentials.uid, is_operator};
}

}  // namespace

Peer this_process() {
  const group* operators = ::getgrnam(kOperatorsGroup);
  const bool member =
      operators != nullptr && (operators->gr_gid == ::getegid() || ::group_member(operators->gr_gid) != 0);
  return {::geteuid(), ::geteuid() == 0 || member};
}

ControlServer::ControlServer(std::filesystem::path path, Answer answer)
    : path_(std::move(path)), answer_(std::move(answer)) {
  if (connected(path_)) {
    errno = EADDRINUSE;
    fail(path_, "another gateway listens on");
  }
  ::unlink(path_.c_str());
  const sockaddr_un address = address_of(path_);
  listener_ = FileDescriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!listener_ || ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path_.c_str(), kEverybody) != 0 || ::listen(listener_.get(), kBacklog) != 0)
    fail(path_, "cannot listen on");
  end_ = FileDescriptor{::eventfd(0, EFD_CLOEXEC)};
  if (!end_) fail(path_, "eventfd for");
  thread_ = std::thread{[this] { serve(); }};
}

ControlServer::~ControlServer() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(end_.get(), &one, sizeof one);
  thread_.join();
  ::unlink(path_.c_str());
}

void ControlServer::serve() {
  std::array<pollfd, 2> wait{{{listener_.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}}};
  while (true) {
    if (::poll(wait.data(), wait.size(), -1) < 0) continue;  // EINTR
    if (wait[1].revents != 0) return;
    const FileDescriptor connection{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (connection) serve_one(connection.get());
  }
}

// A peer that breaks off is its own affair: there is nobody to tell.
void ControlServer::serve_one(int connection) const {
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &kPeerPatience, sizeof kPeerPatience);
  ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &kPeerPatience, sizeof kPeerPatience);
  if (auto question = read_message(connection))
    (void)write_message(connection, answer_(std::move(*question), peer_of(connection)));
}

std::optional<std::string> ask_daemon(const std::filesystem::path& path, const std::string& question) {
  const FileDescriptor socket = connected(path);
  if (!socket) return std::nullopt;
  errno = 0;
  std::optional<std::string> answer;
  if (write_message(socket.get(), question)) answer = read_message(socket.get());
  if (!answer) {
    if (errno == 0) errno = ECONNRESET;
    fail(path, "the daemon did not answer on");
  }
  return answer;
}

}  // namespace beacon_gateway::system
