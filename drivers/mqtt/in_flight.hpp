// What one link has handed to the broker library and not yet heard back about. Says of each entry exactly once that
// it is over: whoever takes it settles it. Thread-safe; holds its lock over no foreign call.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace beacon_gateway::mqtt {

// Rows at once. Paho slows down with more and can stall once it holds more than it may send (performance.md 5);
// mosquitto's own default for a client is 20 too.
inline constexpr std::size_t kWindow = 20;

class InFlight {
 public:
  using Clock = std::chrono::steady_clock;
  using Ticket = std::size_t;  // free to be used again once its entry is taken

  struct Entry {
    std::optional<std::int64_t> sequence;  // absent: status or health, which nobody waits for
    Clock::time_point since;
  };

  // The broker allows fewer (its Receive Maximum); never more than kWindow.
  void set_limit(std::size_t limit);
  [[nodiscard]] std::size_t limit() const;

  // Absent: full, or closed.
  [[nodiscard]] std::optional<Ticket> add(std::optional<std::int64_t> sequence, Clock::time_point now);

  // The entry, to the first who asks; nothing to all others.
  [[nodiscard]] std::optional<Entry> take(Ticket ticket);

  // The link is over: takes all rows, in order of sequence. Nothing can be added or taken afterwards.
  [[nodiscard]] std::vector<std::int64_t> close();

  // Since when the oldest entry waits.
  [[nodiscard]] std::optional<Clock::time_point> oldest() const;

  // False: the deadline passed first. Never on a thread of the broker library.
  [[nodiscard]] bool wait_until_empty(Clock::time_point deadline);

 private:
  [[nodiscard]] std::size_t count() const;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable emptied_;
  std::array<std::optional<Entry>, kWindow> entries_;
  std::size_t limit_ = kWindow;
  bool closed_ = false;
};

}  // namespace beacon_gateway::mqtt
