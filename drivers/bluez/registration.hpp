// Something of ours that BlueZ is to hold for us, a monitor or an advertisement: when to ask for it, and when to ask
// again after it was refused or let go. Pure, with every instant handed in; of one adapter object.
//
// BlueZ may let go at any time (another one's power cycle, a pattern that it no longer likes), so each loss leads to
// another question, ever more slowly. What was held for a while is asked for quickly again; what is granted and let go
// at once is not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "core/time.hpp"

namespace beacon_gateway::bluez {

class Registration {
 public:
  // A second: an adapter that comes up is ready by then (0.1 s measured). Five minutes: cheap for ever.
  explicit Registration(Duration retry = std::chrono::seconds{1}, Duration longest = std::chrono::minutes{5})
      : retry_(retry), longest_(longest) {}

  // The number of a question, to be handed back with its answer: answers to earlier ones are void.
  unsigned ask() {
    state_ = State::asked;
    return ++attempt_;
  }
  [[nodiscard]] unsigned attempt() const { return attempt_; }  // the newest
  void granted(unsigned attempt, MonotonicTime now) {
    if (attempt != attempt_ || state_ != State::asked) return;
    state_ = State::held;
    held_since_ = now;
  }
  void refused(unsigned attempt, MonotonicTime now) {
    if (attempt == attempt_ && state_ == State::asked) lose(now, refusals_);
  }
  // BlueZ let go of what it held.
  void released(MonotonicTime now) {
    if (state_ == State::wanted) return;
    if (state_ == State::held && now - held_since_ >= longest_) wait_ = {};
    lose(now, releases_);
  }
  // The connection, bluetoothd or the adapter went, and this with it: nothing stands in the way of asking anew.
  void forget() {
    ++attempt_;
    state_ = State::wanted;
    wait_ = {};
    next_ = {};
  }

  [[nodiscard]] bool due(MonotonicTime now) const { return state_ == State::wanted && now >= next_; }
  [[nodiscard]] std::optional<MonotonicTime> wake() const {
    return state_ == State::wanted ? std::optional{next_} : std::nullopt;
  }
  [[nodiscard]] bool held() const { return state_ == State::held; }
  [[nodiscard]] bool wanted() const { return state_ == State::wanted; }  // and not asked for
  [[nodiscard]] std::uint64_t refusals() const { return refusals_; }
  [[nodiscard]] std::uint64_t releases() const { return releases_; }

 private:
  enum class State : std::uint8_t { wanted, asked, held };

  void lose(MonotonicTime now, std::uint64_t& count) {
    ++count;
    state_ = State::wanted;
    wait_ = std::clamp(2 * wait_, retry_, longest_);
    next_ = now + wait_;
  }

  Duration retry_;
  Duration longest_;
  State state_ = State::wanted;
  unsigned attempt_ = 0;
  MonotonicTime held_since_{};
  MonotonicTime next_{};
  Duration wait_{};
  std::uint64_t refusals_ = 0;
  std::uint64_t releases_ = 0;
};

}  // namespace beacon_gateway::bluez
