// A bound on how often something may happen: so many at once, and one more after each interval.
// A value; its owner hands in the time, which never goes back.
#pragma once

#include <algorithm>

#include "core/time.hpp"

namespace beacon_gateway {

class TokenBucket {
 public:
  // Full at first. `most` is at least 1.
  TokenBucket(int most, Duration every) : most_(most), every_(every) {}

  // False: not now.
  [[nodiscard]] bool take(MonotonicTime now) {
    // `full_at_` is when the bucket would be full again; each token taken puts that off by one interval.
    full_at_ = std::max(full_at_, now);
    if (full_at_ - now > every_ * (most_ - 1)) return false;
    full_at_ += every_;
    return true;
  }

 private:
  int most_;
  Duration every_;
  MonotonicTime full_at_{};
};

}  // namespace beacon_gateway
