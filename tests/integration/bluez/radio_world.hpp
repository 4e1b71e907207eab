// The real BluezRadio, a real dbus-daemon and an org.bluez of our own: what a radio test starts from.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "drivers/bluez/bluez_radio.hpp"
#include "tests/fakes/bluez/fake_bluez.hpp"
#include "tests/fakes/bluez/private_bus.hpp"

namespace beacon_gateway_test {

using namespace std::chrono_literals;

// A tag of the shop's: an iBeacon, heard fifty times a second.
[[nodiscard]] FakeDevice tag(std::uint8_t number);

// Makes `bus` the system bus of this process, where no radio may run yet. Options with recovery a hundred times as fast
// as in a shop.
[[nodiscard]] beacon_gateway::bluez::BluezOptions hasty_options(const PrivateBus& bus);

// With the times of a shop, but for what is only told.
[[nodiscard]] beacon_gateway::bluez::BluezOptions patient_options(const PrivateBus& bus);

class Listener {
 public:
  // Starts the radio; it stops with this object.
  explicit Listener(beacon_gateway::bluez::BluezOptions options);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Of addresses that begin with C0: the shop's own. Strangers are counted only.
  [[nodiscard]] std::uint64_t heard(const std::string& address) const;
  [[nodiscard]] std::optional<beacon_gateway::Advertisement> last(const std::string& address) const;
  [[nodiscard]] std::uint64_t heard_in_all() const;
  [[nodiscard]] std::chrono::milliseconds longest_gap(const std::string& address) const;
  [[nodiscard]] beacon_gateway::RadioStatus status() const;
  [[nodiscard]] beacon_gateway::ScannerStatus scanner(std::size_t index = 0) const;
  [[nodiscard]] beacon_gateway::BeaconStatus beacon(std::size_t index = 0) const;

  // Whether more of this address is heard from now on, soon.
  [[nodiscard]] bool hears(const std::string& address) const;

 private:
  void hear(const beacon_gateway::Advertisement& advertisement);

  struct Of {
    std::uint64_t count = 0;
    beacon_gateway::Advertisement last;
    std::chrono::microseconds longest_gap{};
  };
  mutable std::mutex mutex_;
  std::map<std::string, Of> heard_;
  std::uint64_t in_all_ = 0;
  beacon_gateway::RadioStatus status_;
  beacon_gateway::bluez::BluezRadio radio_;
};

// Looks until it is so; false after a time in which it would have come on any machine.
[[nodiscard]] bool soon(const std::function<bool()>& is_so, std::chrono::milliseconds limit = 20s);

}  // namespace beacon_gateway_test
