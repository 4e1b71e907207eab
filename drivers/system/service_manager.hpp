// What systemd is told (sd_notify(3)). Does nothing where no service manager listens.
#pragma once

#include <chrono>
#include <string>

namespace beacon_gateway::system {

class ServiceManager {
 public:
  ServiceManager();

  void ready() const;
  void reloading() const;  // `ready` ends it
  void stopping() const;

  // The state as a line for `systemctl status`, and the watchdog's ping: at most as often as either needs it.
  void alive(const std::string& state);

 private:
  std::chrono::microseconds ping_every_{0};  // 0: no watchdog
  std::chrono::steady_clock::time_point last_ping_{};
  std::string last_state_;
};

}  // namespace beacon_gateway::system
