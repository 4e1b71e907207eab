// Whether a scanner hears every packet or one a device and scan period, told by what comes and not by what was asked
// for: a controller that filters duplicates lets a device's next packet through only after its scan was started anew.
// Pure; one scanner's.
#pragma once

#include <cstdint>
#include <optional>

#include "core/radio_status.hpp"
#include "core/time.hpp"

namespace beacon_gateway::bluez {

class ShareMeter {
 public:
  // Beacons advertise at least once a second, and the kernel starts its scan anew every 10.24 s: a device heard twice
  // within this gap was not filtered.
  static constexpr Duration kShortGap = std::chrono::milliseconds{1500};
  // A device heard again only after so long may have been away.
  static constexpr Duration kLongestGap = std::chrono::seconds{30};
  // Verdicts come after so many packets of devices that were heard before.
  static constexpr std::uint32_t kEnough = 20;

  // A packet, the time since the last one of the same device, and since we last started to scan. A start lets everyone
  // through once: a short gap across it proves nothing, a long one that the device was held back until then.
  void note(std::optional<Duration> since_last, Duration since_start) {
    if (!since_last) return;
    const bool across_start = *since_last >= since_start;
    if (across_start && (*since_last <= kShortGap || *since_last > kLongestGap)) return;
    ++packets_;
    if (*since_last <= kShortGap) ++short_gaps_;
    if (packets_ < kEnough) return;
    // The kernel's own starts make a short gap now and then; without the filter, a fifth of the tags make most of them.
    hears_ = 5 * short_gaps_ >= packets_ ? PacketShare::every_packet : PacketShare::once_a_scan;
    packets_ = 0;
    short_gaps_ = 0;
  }

  // Another way of listening: nothing is known of it yet.
  void reset() { *this = {}; }

  [[nodiscard]] PacketShare hears() const { return hears_; }

 private:
  std::uint32_t packets_ = 0;
  std::uint32_t short_gaps_ = 0;
  PacketShare hears_ = PacketShare::unknown;
};

}  // namespace beacon_gateway::bluez
