// A real dbus-daemon as a child process, on a socket in a folder of its own: a system bus that belongs to one test.
// Dies with the thread that started it. Throws std::runtime_error when it does not do as it is told.
#pragma once

#include <sys/types.h>

#include <string>

#include "tests/fakes/temporary_directory.hpp"

namespace beacon_gateway_test {

class PrivateBus {
 public:
  PrivateBus();  // started
  ~PrivateBus();
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;

  [[nodiscard]] std::string address() const;
  void start();  // at the same address; returns when it listens
  void kill();   // SIGKILL

 private:
  TemporaryDirectory directory_;
  pid_t process_ = -1;
};

}  // namespace beacon_gateway_test
