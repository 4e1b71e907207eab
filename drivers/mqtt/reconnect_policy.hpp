// When to try the broker again. No clock and no thread of its own: the caller tells what happened and when.
// Full jitter (Brooker, "Exponential Backoff and Jitter", 2015): a thousand gateways of one broker do not return
// in step. Promise 5: at most 30 s of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>

namespace beacon_gateway::mqtt {

struct ReconnectOptions {
  std::chrono::milliseconds first{1'000};          // the first delay is random in 0..first, then the bound doubles
  std::chrono::milliseconds limit{30'000};         // up to here: promise 5
  std::chrono::milliseconds stable_after{60'000};  // a link that lived so long starts the doubling anew

  // Two boxes with one identity throw each other out for ever: links this short, so many within the window. One that is
  // followed by an attempt that fails does not count.
  std::chrono::milliseconds short_link{10'000};
  std::chrono::milliseconds short_link_window{300'000};
  std::size_t short_links = 3;
  std::chrono::milliseconds duplicate_delay{60'000};  // then at least this, plus jitter up to `limit`
};

class ReconnectPolicy {
 public:
  using Clock = std::chrono::steady_clock;

  struct Verdict {
    Clock::duration delay;
    bool duplicate_identity;  // somebody else seems to connect with our client id
  };

  ReconnectPolicy(const ReconnectOptions& options, std::uint32_t jitter_seed);

  // A link, or an attempt at one (`came_up` absent), has ended. `explained`: the broker gave a reason that is not
  // a take-over, so that a short life says nothing about our identity.
  [[nodiscard]] Verdict ended(Clock::time_point now, std::optional<Clock::time_point> came_up, bool explained);

 private:
  [[nodiscard]] Clock::duration jitter(Clock::duration bound);

  ReconnectOptions options_;
  std::mt19937 random_;
  Clock::duration bound_;
  bool last_was_short_ = false;
  std::deque<Clock::time_point> short_links_;  // ends of the short links inside the window, oldest first
};

}  // namespace beacon_gateway::mqtt
