// A radio that plays captures, on its own thread, at a pace: what `run` hears from scanners whose driver is `capture`.
//
// Pace is kept on the machine's steady clock; the advertisements bear the captures' time. Damage is told by `failed` at
// the end of what could be read, then comes `finished`. Neither comes after `stop`, or once `heard` answered false.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "drivers/capture/capture_reader.hpp"
#include "ports/radio.hpp"

namespace beacon_gateway::capture {

struct Playback {
  double speed = 1.0;  // shop seconds per second; 0: as fast as possible
  std::optional<WallTime>
      resume_from;  // skips, without waiting, what is earlier; the pace starts at the first one told
};

class CaptureRadio final : public Radio {
 public:
  CaptureRadio(CaptureReader reader, Playback playback);

  void start(RadioListener listener) override;
  void stop() override;

  // Of what was played. Only before `start` and after `stop`.
  [[nodiscard]] CaptureSummary summary() const { return reader_.summary(); }

 private:
  void play(const std::stop_token& stop);
  [[nodiscard]] bool wait_for(WallTime at, const std::stop_token& stop);

  CaptureReader reader_;
  Playback playback_;
  RadioListener listener_;

  struct Start {
    WallTime capture;
    std::chrono::steady_clock::time_point machine;
  };
  std::optional<Start> first_;  // the first advertisement told

  std::mutex mutex_;                   // guards nothing: a condition needs one
  std::condition_variable_any pause_;  // never signalled but by the stop request
  std::jthread thread_;                // last: its end, which stops and joins it, comes before all else ends
};

}  // namespace beacon_gateway::capture
