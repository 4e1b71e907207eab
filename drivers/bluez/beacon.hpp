// One [[beacon]]: what is on the air, or why it is not. Outlives the connections to the bus. And the object that BlueZ
// reads it from (doc/org.bluez.LEAdvertisement.rst of BlueZ).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "drivers/bluez/bluez_radio.hpp"
#include "drivers/bluez/bus.hpp"
#include "drivers/bluez/registration.hpp"
#include "drivers/bluez/yielding.hpp"

namespace beacon_gateway::bluez {

// Three periods of a kernel's scan (10.24 s), as a duplicate filter lets one packet of each device through.
[[nodiscard]] inline bool heard_lately(const std::optional<MonotonicTime>& heard_at, MonotonicTime now) {
  return heard_at && now - *heard_at <= std::chrono::seconds{31};
}

struct BeaconState {
  BeaconOptions options;
  std::size_t index = 0;
  Registration advertisement;  // on this adapter object
  Yielding yielding;
  std::uint64_t number = 0;          // of the period whose frame is, or is to be, on the air
  std::vector<std::uint8_t> mark{};  // what that frame looks like to a scanner

  // Of the connection that stands.
  std::string adapter_path{};  // empty: the adapter is not there
  bool can_advertise = false;  // the adapter, as BlueZ says
  bool yields = false;

  std::string trouble{};                    // what BlueZ last refused; empty: nothing
  std::optional<MonotonicTime> heard_at{};  // by a scanner on another adapter

  void forget() {
    advertisement.forget();
    adapter_path.clear();
    trouble.clear();
  }
};

// Below which our object for this beacon stands on the bus, and the object.
[[nodiscard]] std::string beacon_root(const BeaconState& beacon);
[[nodiscard]] std::string advertisement_path(const BeaconState& beacon);

// Serves what `frame` answers when it is asked. `released` is called when BlueZ lets go of it.
[[nodiscard]] ServedObject advertisement_object(const BeaconState& beacon, const std::function<WakeUpFrame()>& frame,
                                                std::function<void()> released);

}  // namespace beacon_gateway::bluez
