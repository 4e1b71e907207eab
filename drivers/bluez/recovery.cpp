#include "drivers/bluez/recovery.hpp"

#include <algorithm>
#include <utility>

namespace beacon_gateway::bluez {
namespace {

// What the rungs are, in the order of reliability.md A3: each harsher to others than the one before.
constexpr std::array<Step, 4> kRungs{Step::scan, Step::reconnect, Step::power_cycle, Step::ask_for_help};
constexpr int kWidestSpacing = 8;  // the last rung then comes after 40 minutes
// Refusals in a row between two rungs.
constexpr int kRefusalsARung = 3;
constexpr std::array<Step, 3> kRefusalRungs{Step::reconnect, Step::power_cycle, Step::ask_for_help};

// The most of each step within an hour, in the order of Step. A power cycle breaks the connections of whoever else uses
// the adapter. Scanning is bounded by its spacing alone: an adapter that was unplugged a hundred times is to scan.
constexpr Duration kHour = std::chrono::hours{1};
constexpr std::array<std::size_t, kSteps> kMostAnHour{0, SIZE_MAX, 12, 6, 2, 30};
// A bluetoothd that dies more often than once a minute is not to be helped by us.
constexpr std::size_t kMostCyclesAfterDeathsAnHour = 60;

// Notes one more at `now`, or answers false: there were `most` within the last hour.
bool note_within(std::vector<MonotonicTime>& taken, std::size_t most, MonotonicTime now) {
  std::erase_if(taken, [&](MonotonicTime at) { return now - at >= kHour; });
  if (taken.size() >= most) return false;
  taken.push_back(now);
  return true;
}

}  // namespace

void Recovery::set_state(State state, MonotonicTime now) {
  if (state_ == State::scanning) silent_ += now - scanning_since_;
  state_ = state;
  scanning_since_ = now;
  ended_at_.reset();
  rescan_ = by_schedule_ = false;
}

void Recovery::adapter_ready(MonotonicTime now) {
  if (state_ != State::absent && state_ != State::off) return;
  set_state(State::waiting, now);
  power_retry_ = times_.retry;
  next_try_ = refusals_ == 0 ? now : std::max(now, next_try_);
}

void Recovery::adapter_off(MonotonicTime now) {
  if (state_ == State::off) return;
  set_state(State::off, now);
  next_try_ = now + times_.retry;
  power_retry_ = std::max(power_retry_, times_.retry);
}

void Recovery::adapter_gone() {
  state_ = State::absent;
  refusals_ = 0;
  slow_retry_ = {};
  power_retry_ = {};
  escalation_.reset();
  silent_ = {};
  rung_ = 0;
  spacing_ = 1;
  alarm_ = false;
  silence_is_failure_ = false;
}

void Recovery::session_lost(MonotonicTime now) {
  set_state(State::absent, now);
}

void Recovery::bluetoothd_gone(MonotonicTime now) {
  session_lost(now);
  refusals_ = kRefusalsARung;
  bluetoothd_died_ = true;
  next_try_ = now;
  slow_retry_ = {};
  escalation_.reset();
}

void Recovery::started(MonotonicTime now) {
  if (state_ != State::starting) return;
  set_state(State::scanning, now);
  refusals_ = 0;
  slow_retry_ = {};
  bluetoothd_died_ = false;
}

void Recovery::refused(MonotonicTime now, bool soon) {
  if (state_ != State::starting) return;
  set_state(State::waiting, now);
  slow_retry_ = soon ? Duration{} : std::clamp(2 * slow_retry_, times_.retry, times_.longest_retry);
  next_try_ = now + std::max(slow_retry_, times_.retry);
  if (++refusals_ % kRefusalsARung == 0) {
    const auto rung = static_cast<std::size_t>(refusals_ / kRefusalsARung - 1);
    escalation_ = kRefusalRungs[rung % kRefusalRungs.size()];
  }
}

void Recovery::discovery_ended(MonotonicTime now) {
  if (state_ == State::scanning && !ended_at_) ended_at_ = now;
}

void Recovery::heard(MonotonicTime now, bool with_canary) {
  silence_is_failure_ = with_canary;
  silent_ = {};
  scanning_since_ = now;
  rung_ = 0;
  spacing_ = 1;
  alarm_ = false;
}

void Recovery::rescan() {
  rescan_ = state_ == State::scanning;
}

// A step beyond its bound is not taken, and counted as held back.
Step Recovery::take(Step step, MonotonicTime now) {
  const auto index = static_cast<std::size_t>(step);
  const bool after_death = step == Step::power_cycle && std::exchange(bluetoothd_died_, false);
  if (!(after_death ? note_within(taken_after_death_, kMostCyclesAfterDeathsAnHour, now)
                    : kMostAnHour[index] == SIZE_MAX || note_within(taken_[index], kMostAnHour[index], now))) {
    ++held_back_;
    return Step::none;
  }
  ++counts_[index];
  return step;
}

Step Recovery::due(MonotonicTime now) {
  switch (state_) {
    case State::absent:
    case State::starting:
      return Step::none;
    case State::off:
      if (now < next_try_) return Step::none;
      next_try_ = now + power_retry_;
      power_retry_ = std::min(2 * power_retry_, times_.longest_power_retry);
      return take(Step::power_on, now);
    case State::waiting:
      return retry_due(now);
    case State::scanning:
      break;
  }
  if (rescan_ || (ended_at_ && now - *ended_at_ >= times_.grace)) {
    const bool by_schedule = rescan_;
    set_state(State::starting, now);
    by_schedule_ = by_schedule;
    return take(Step::scan, now);
  }
  return rung_due(now);
}

Step Recovery::retry_due(MonotonicTime now) {
  if (escalation_) {
    const Step step = take(*escalation_, now);
    escalation_.reset();
    alarm_ = alarm_ || step == Step::ask_for_help;
    if (step != Step::none) return step;
  }
  if (now < next_try_) return Step::none;
  set_state(State::starting, now);
  return take(Step::scan, now);
}

Step Recovery::rung_due(MonotonicTime now) {
  if (silent_ + (now - scanning_since_) < next_rung()) return Step::none;
  const Step step = kRungs[rung_];
  if (++rung_ == kRungs.size()) {  // all in vain: once more from below, without a canary with more patience
    rung_ = 0;
    if (!silence_is_failure_) spacing_ = std::min(2 * spacing_, kWidestSpacing);
    silent_ = {};
    scanning_since_ = now;
    alarm_ = true;
  }
  if (step == Step::scan) set_state(State::starting, now);
  return take(step, now);
}

std::optional<MonotonicTime> Recovery::wake() const {
  switch (state_) {
    case State::absent:
    case State::starting:
      return std::nullopt;
    case State::off:
      return next_try_;
    case State::waiting:
      return escalation_ ? MonotonicTime{} : next_try_;
    case State::scanning:
      break;
  }
  if (rescan_) return MonotonicTime{};
  const MonotonicTime rung = scanning_since_ + (next_rung() - silent_);
  return ended_at_ ? std::min(rung, *ended_at_ + times_.grace) : rung;
}

}  // namespace beacon_gateway::bluez
