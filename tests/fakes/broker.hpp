// A real mosquitto as a child process, on a free port of the loopback, in a folder of its own. Runs as whoever runs
// the test and dies with the thread that started it. Every function throws std::runtime_error, with the broker's own
// words, when mosquitto does not do as it is told.
//
// Under ctest a witness (witness.hpp) sees every message that it carries, from before start() returns until the broker
// is stopped, killed or destroyed. One gap: clients that wait for a broker to come back may publish before the witness
// is back too; of these messages it sees only the retained.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/fakes/child_process.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/fakes/witness.hpp"

namespace beacon_gateway_test {

struct BrokerOptions {
  std::string acl = {};                             // text of an ACL file; empty: all may do everything
  std::optional<std::size_t> max_packet_size = {};  // octets
  std::string extra = {};                           // further lines of configuration, after the listener
  std::optional<std::filesystem::path> witness = witness_folder();
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
  void stop();   // SIGTERM, waits for its end; thaws it before, as kill()
  void kill();   // SIGKILL
  void freeze();
  void thaw();
  void set_acl(const std::string& acl);  // takes effect at once (SIGHUP)

  [[nodiscard]] std::string log() const;  // without what it says of its witness

 private:
  void write_configuration();
  void write_acl(const std::string& acl) const;
  void launch();
  void let_witness_in();
  void end(int signal);
  [[nodiscard]] bool accepts() const;
  [[nodiscard]] std::string whole_log() const;
  [[nodiscard]] std::filesystem::path witness_socket() const { return directory() / "witness.socket"; }

  BrokerOptions options_;
  TemporaryDirectory directory_;
  std::uint16_t port_;
  std::optional<ChildProcess> process_;
  std::optional<BrokerWitness> witness_;
};

}  // namespace beacon_gateway_test
