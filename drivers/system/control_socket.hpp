// The control socket: how commands talk to the running daemon. A question and an answer per connection, each a 32-bit
// big-endian length and so many octets. Every local user may ask; who may have what is decided by whom the kernel says
// the peer is.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "drivers/system/file_descriptor.hpp"

namespace beacon_gateway::system {

// The system group whose members may see and change what is held of shoppers (systemd/beacon-gateway.sysusers.conf).
inline constexpr const char* kOperatorsGroup = "beacon-operators";

struct Peer {
  unsigned user = 0;
  bool is_operator = false;  // root, the daemon's own user, or a member of the operators' group
};

// Who runs this program, judged as a peer would be: root, or a member of the operators' group.
[[nodiscard]] Peer this_process();

class ControlServer {
 public:
  using Answer = std::function<std::string(std::string question, const Peer& peer)>;

  // Listens, replacing the socket of a daemon that is gone. `answer` is called on this object's thread, one question at
  // a time. Throws std::system_error with the path in it.
  ControlServer(std::filesystem::path path, Answer answer);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  void serve();
  void serve_one(int connection) const;

  std::filesystem::path path_;
  Answer answer_;
  FileDescriptor listener_;
  FileDescriptor end_;
  std::thread thread_;
};

// Asks the daemon. Nothing: no daemon listens there. Throws std::system_error if it hangs up in the middle.
[[nodiscard]] std::optional<std::string> ask_daemon(const std::filesystem::path& path, const std::string& question);

}  // namespace beacon_gateway::system
