// A real mosquitto as a child process, on a free port of the loopback, in a folder of its own. Runs as whoever runs
// the test and dies with the thread that started it. Every function throws std::runtime_error, with the broker's own
// words, when mosquitto does not do as it is told.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/fakes/temporary_directory.hpp"

namespace beacon_gateway_test {

struct BrokerOptions {
  bool autosave = false;                            // survives kill(): writes to disk on every change
  std::string acl = {};                             // text of an ACL file; empty: all may do everything
  std::optional<std::size_t> max_packet_size = {};  // octets
  std::string extra = {};                           // further lines of configuration, after the listener
};

class Broker {
 public:
  explicit Broker(BrokerOptions options = {});  // started
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const;  // mqtt://127.0.0.1:PORT
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

  void start();  // on the same port; returns when it accepts connections
  void stop();   // SIGTERM, waits for its end
  void kill();   // SIGKILL
  void freeze();
  void thaw();
  void set_acl(const std::string& acl);  // takes effect at once (SIGHUP)

  [[nodiscard]] std::string log() const;

 private:
  void write_configuration();
  void launch();
  [[nodiscard]] bool accepts() const;
  [[nodiscard]] bool exited();
  void signal_and_reap(int signal);

  BrokerOptions options_;
  TemporaryDirectory directory_;
  std::uint16_t port_;
  pid_t process_ = -1;
};

}  // namespace beacon_gateway_test
