// TERM, INT and HUP as calls on a thread of their own.
#pragma once

#include <functional>
#include <thread>

#include "drivers/system/file_descriptor.hpp"

namespace beacon_gateway::system {

// Blocks the signals that SignalThread takes, and ignores PIPE. Call in main before any thread is made.
void block_signals();

class SignalThread {
 public:
  // `stop` on TERM and INT, `reload` on HUP; both on this object's thread. Throws std::system_error.
  SignalThread(std::function<void()> stop, std::function<void()> reload);
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  void watch();

  std::function<void()> stop_;
  std::function<void()> reload_;
  FileDescriptor signals_;
  FileDescriptor end_;
  std::thread thread_;
};

}  // namespace beacon_gateway::system
