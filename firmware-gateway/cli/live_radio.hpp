// The shop's radios as a command hears them: radio and signals post into a queue, the caller's thread takes from it.
//
// Time is the advertisements' own, as in `run`: a capture's clock for captures, the machine's else. What a command does
// too slowly is lost to it, oldest first, and counted; a capture waits.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cli/edges.hpp"
#include "runtime/event_queue.hpp"

namespace beacon_gateway {

class LiveRadio {
 public:
  // Starts the radio. Settings and edges outlive it; it stops with this object.
  LiveRadio(const Settings& settings, const Edges& edges, std::unique_ptr<Radio> radio);
  ~LiveRadio();
  LiveRadio(const LiveRadio&) = delete;
  LiveRadio& operator=(const LiveRadio&) = delete;

  // Hands over what has come, a bounded batch of it; waits for the first, but not for longer than a person notices.
  void turn(const std::function<void(const LoopEvent&)>& handle);

  // The newest instant; of captures nothing before the first advertisement.
  [[nodiscard]] std::optional<Instant> now() const { return now_; }
  [[nodiscard]] std::uint64_t take_lost() { return queue_.take_overflow(); }

 private:
  const Edges& edges_;
  const bool captures_;
  EventQueue queue_;
  std::vector<LoopEvent> events_;
  std::optional<Instant> now_;
  std::unique_ptr<Radio> radio_;
  std::shared_ptr<void> signals_;
};

// What a command does with what is heard.
struct Hearer {
  std::function<void(const Advertisement&)> heard;
  std::function<void(const RadioStatus&)> status;
  std::function<bool()> turn;  // after each batch; false: enough was heard
};

enum class HearingEnd : std::uint8_t { time_over, stopped, enough, captures_over, radio_failed };

struct Hearing {
  HearingEnd end = HearingEnd::stopped;
  std::string why;         // of radio_failed
  Duration lasted{};       // on the advertisements' clock
  std::uint64_t lost = 0;  // advertisements for which there was no time
};

// Hears until `how_long` is over (without: for ever), a signal comes or the captures end. With `how_long`, a capture is
// heard from its first advertisement on. `radio_failed` only if the radio cannot go on.
[[nodiscard]] Hearing hear_radio(LiveRadio& radio, std::optional<Duration> how_long, const Hearer& hearer);

}  // namespace beacon_gateway
