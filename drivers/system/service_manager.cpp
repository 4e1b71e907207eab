#include "drivers/system/service_manager.hpp"

#include <systemd/sd-daemon.h>
#include <ctime>

namespace beacon_gateway::system {

ServiceManager::ServiceManager() {
  std::uint64_t interval = 0;
  // Half the interval, as sd_watchdog_enabled(3) advises.
  if (sd_watchdog_enabled(0, &interval) > 0) ping_every_ = std::chrono::microseconds{interval / 2};
}

void ServiceManager::ready() const {
  sd_notify(0, "READY=1");
}

void ServiceManager::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto micros = std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
  sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
             static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(micros).count()));
}

void ServiceManager::stopping() const {
  sd_notify(0, "STOPPING=1");
}

void ServiceManager::alive(const std::string& state) {
  if (state != last_state_) {
    last_state_ = state;
    sd_notifyf(0, "STATUS=%s", state.c_str());
  }
  const auto now = std::chrono::steady_clock::now();
  if (ping_every_.count() == 0 || now - last_ping_ < ping_every_ / 2) return;
  last_ping_ = now;
  sd_notify(0, "WATCHDOG=1");
}

}  // namespace beacon_gateway::system
