// What to do next so that one adapter scans, and goes on scanning: a state machine of one scanner, pure, with every
// instant handed in. It answers with steps; whoever takes them tells how they went.
//
// Three things go wrong (reliability.md A3). The adapter is off: it is turned on. Scanning is refused: tried again,
// ever more slowly, and every third refusal climbs a rung. Nothing is heard though BlueZ says that it scans: a ladder
// of rungs at set times of silence, in which an empty shop looks like a dead radio; so the rungs are spaced ever wider
// and bounded per hour. Where a canary was heard, a beacon that is always on, silence is a failure: the rungs come
// round at their times for ever, within their bounds. The first advertisement puts all back. Only time in which the
// adapter scanned counts as silence.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/time.hpp"

namespace beacon_gateway::bluez {

enum class Step : std::uint8_t {
  none,
  scan,          // stop, if it runs, set the filter and start
  reconnect,     // leave the bus and come back: bluetoothd forgets what it holds of us
  power_cycle,   // the adapter off and on
  ask_for_help,  // the box itself can do no more: unplug the adapter, or restart the box
  power_on,
  kCount
};
inline constexpr std::size_t kSteps = static_cast<std::size_t>(Step::kCount);

struct RecoveryTimes {
  // Of silence; doubled with each round in vain, at most eightfold.
  std::array<Duration, 4> rungs{std::chrono::seconds{90}, std::chrono::seconds{120}, std::chrono::seconds{180},
                                std::chrono::seconds{300}};
  // Between two tries to start: an adapter comes up within a second (0.1 s measured); a hung one answers after 4 s.
  Duration retry = std::chrono::seconds{1};
  Duration longest_retry = std::chrono::seconds{30};
  // Another client's discovery that ends shows the same sign as the end of ours, for a moment.
  Duration grace = std::chrono::seconds{1};
  Duration longest_power_retry = std::chrono::seconds{60};
};

class Recovery {
 public:
  explicit Recovery(RecoveryTimes times = {}) : times_(times) {}

  // The adapter's state, as BlueZ tells it.
  void adapter_ready(MonotonicTime now);  // there and powered; again when it is so already: no effect
  void adapter_off(MonotonicTime now);
  void adapter_gone();                   // unplugged: what comes back starts without a past
  void session_lost(MonotonicTime now);  // the connection: the past stays
  // Off the bus: the next one is asked at once. After a kill the kernel goes on scanning for the old one for 10 s and
  // the new one refuses; it holds nothing of ours, so the first rung is not to reconnect but the adapter off and on.
  // Whoever else used it has lost it already: the bound per hour of that one cycle is a wide one.
  void bluetoothd_gone(MonotonicTime now);

  // How `Step::scan` ended. Busy or not ready: tried again soon; otherwise more slowly each time.
  void started(MonotonicTime now);
  void refused(MonotonicTime now, bool soon);

  // BlueZ says that nobody scans, or that somebody does again.
  void discovery_ended(MonotonicTime now);
  void discovery_resumed() { ended_at_.reset(); }

  // `with_canary`: and the canary was among what was heard of late. What silence means is told by the last word before
  // it.
  void heard(MonotonicTime now, bool with_canary = false);
  void canary_gone() { silence_is_failure_ = false; }  // it was ours, and we took it off the air
  void rescan();                                       // a restart by schedule; no rung

  // What is due; counted as taken. At most one step a call.
  [[nodiscard]] Step due(MonotonicTime now);
  // When to ask again at the latest; nothing: not before something is told.
  [[nodiscard]] std::optional<MonotonicTime> wake() const;

  // A restart by schedule is no interruption.
  [[nodiscard]] bool scanning() const {
    return state_ == State::scanning || (state_ == State::starting && by_schedule_);
  }
  // And nothing is under way: a restart can be asked for.
  [[nodiscard]] bool settled() const { return state_ == State::scanning; }
  // Silence or refusals that a beacon on the same adapter may be the cause of. A single refusal comes with every return
  // of bluetoothd.
  [[nodiscard]] bool in_trouble() const { return rung_ > 0 || alarm_ || refusals_ > 1; }
  [[nodiscard]] bool alarm() const { return alarm_; }  // all rungs were in vain
  [[nodiscard]] bool silence_is_failure() const { return silence_is_failure_; }
  [[nodiscard]] std::uint64_t count(Step step) const { return counts_[static_cast<std::size_t>(step)]; }
  [[nodiscard]] std::uint64_t held_back() const { return held_back_; }  // steps beyond their bound per hour

 private:
  enum class State : std::uint8_t { absent, off, waiting, starting, scanning };

  void set_state(State state, MonotonicTime now);
  [[nodiscard]] Step take(Step step, MonotonicTime now);
  [[nodiscard]] Step retry_due(MonotonicTime now);
  [[nodiscard]] Step rung_due(MonotonicTime now);
  [[nodiscard]] Duration next_rung() const { return times_.rungs[rung_] * spacing_; }

  RecoveryTimes times_;
  State state_ = State::absent;
  MonotonicTime next_try_{};  // of starting or of turning on
  std::optional<MonotonicTime> ended_at_;
  bool rescan_ = false;
  bool by_schedule_ = false;  // what is being started was scanning
  int refusals_ = 0;          // in a row
  Duration slow_retry_{};
  Duration power_retry_{};
  std::optional<Step> escalation_;

  Duration silent_{};               // scanned in vain so far, up to
  MonotonicTime scanning_since_{};  // this, while scanning
  std::size_t rung_ = 0;
  int spacing_ = 1;
  bool alarm_ = false;
  bool silence_is_failure_ = false;

  std::array<std::vector<MonotonicTime>, kSteps> taken_;  // within the last hour
  std::vector<MonotonicTime> taken_after_death_;          // power cycles that are not in taken_
  bool bluetoothd_died_ = false;                          // and neither a power cycle nor a scan since
  std::array<std::uint64_t, kSteps> counts_{};
  std::uint64_t held_back_ = 0;
};

}  // namespace beacon_gateway::bluez
