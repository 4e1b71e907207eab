// Whether a beacon must keep silent for the sake of the scan on the same adapter. Many controllers cannot do both at
// once; some refuse, others take the advertisement and stop hearing without a word. Scanning wins. Pure, with every
// instant handed in; one beacon's.
//
// While the scan is in trouble the beacon is off the air. A scan that hears again soon after the beacon went had it to
// blame: the beacon then stays away for long. One that hears later had another reason, an empty shop at night.
#pragma once

#include <cstdint>
#include <optional>

#include "core/time.hpp"

namespace beacon_gateway::bluez {

struct YieldTimes {
  // In a shop that is not empty somebody's phone is heard within a second or two of a scan that works.
  Duration blame = std::chrono::seconds{15};
  // Deaf for the 90 s of the first rung once in so long is what a wrong adapter may cost.
  Duration hold = std::chrono::hours{1};
};

class Yielding {
 public:
  explicit Yielding(YieldTimes times = {}) : times_(times) {}

  // True: the beacon must not be on the air now. To be asked at every turn.
  bool look(MonotonicTime now, bool scan_in_trouble, bool on_air) {
    if (scan_in_trouble) {
      if (on_air) {
        ++yields_;
        left_at_ = now;
      }
      return true;
    }
    if (left_at_) {
      if (now - *left_at_ <= times_.blame) held_until_ = now + times_.hold;
      left_at_.reset();
    }
    if (held_until_ && now >= *held_until_) held_until_.reset();
    return held_until_.has_value();
  }

  [[nodiscard]] bool to_blame() const { return held_until_.has_value(); }
  [[nodiscard]] std::uint64_t yields() const { return yields_; }

 private:
  YieldTimes times_;
  std::optional<MonotonicTime> left_at_;
  std::optional<MonotonicTime> held_until_;
  std::uint64_t yields_ = 0;
};

}  // namespace beacon_gateway::bluez
