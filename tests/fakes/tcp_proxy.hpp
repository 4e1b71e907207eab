// The wire between a client and a broker, with a pair of pliers: passes every connection on to a port of the loopback
// until it is cut. One thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/fakes/loopback.hpp"

namespace beacon_gateway_test {

class TcpProxy {
 public:
  explicit TcpProxy(std::uint16_t target_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_of(listener_); }

  void cut();   // ends every connection now, without a word of the protocol, and accepts none
  void mend();  // accepts again

 private:
  struct Pair {
    Socket client;
    Socket server;
    bool over = false;
  };

  void run();
  void accept();
  void pass_on(Pair& pair, const Socket& from, const Socket& to);

  Socket listener_;
  std::uint16_t target_port_;
  std::vector<Pair> pairs_;  // only the thread's
  std::atomic<bool> whole_{true};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace beacon_gateway_test
