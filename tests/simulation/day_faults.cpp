// Which faults come in a day, and when: all drawn in the morning, each kind from its own dice.
#include "tests/simulation/day.hpp"

#include <array>

namespace beacon_gateway_test {

using namespace std::chrono_literals;

void Day::plan_faults() {
  if (has(Fault::link)) plan_link();
  broker_.set_friendly(!has(Fault::link));
  if (capture_) return;  // its clock is the capture's, and what comes from outside would come to another place in it
  if (has(Fault::orchestrator)) {
    Dice dice{plan_.seed, DiceFor::profiles};
    for (int i = dice.between(0, 12); i > 0; --i) at(dice.between(1s, kDayLength), [this] { change_profile(); });
  }
  if (has(Fault::clock)) plan_clock();
  if (has(Fault::operators)) plan_operators();
}

// Pauses, reloads, and orderly restarts.
void Day::plan_operators() {
  Dice dice{plan_.seed, DiceFor::operators};
  for (int i = dice.between(0, 2); i > 0; --i) {
    const Duration from = dice.between(1s, kDayLength - 1h);
    at(from, [this] { pause(true); });
    at(from + dice.between(1s, 1h), [this] { pause(false); });
  }
  for (int i = dice.between(0, 3); i > 0; --i)
    at(dice.between(1s, kDayLength), [this] {
      if (!process_) return;
      story_.tell("reload");
      std::swap(settings_, other_settings_);
      process_->gateway.reconfigure(settings_);
    });
  for (int i = dice.between(0, 2); i > 0; --i)
    at(dice.between(1s, kDayLength), [this] {
      if (!process_) return;
      process_->gateway.save();
      throw ProcessKilled{"in good order"};
    });
}

void Day::pause(bool paused) {
  if (!process_) return;
  story_.tell("{}", paused ? "paused" : "resumed");
  process_->gateway.pause(paused);
}

void Day::plan_link() {
  Dice dice{plan_.seed, DiceFor::link};
  for (Duration from = dice.between(Duration{}, 30min); from < kDayLength;) {
    const Duration down = dice.percent(80) ? dice.between(1s, 2min) : dice.between(2min, 90min);
    at(from, [this] { link_down(); });
    at(from + down, [this] { link_up(); });
    from += down + (dice.percent(30) ? dice.between(1s, 1min) : dice.between(1min, 3h));
  }
}

// Small steps of a machine that is in time, and starts that do not know the time at all.
void Day::plan_clock() {
  Dice dice{plan_.seed, DiceFor::clock};
  for (int i = dice.between(0, 2); i > 0; --i)
    at(dice.between(1s, kDayLength), [this] {
      wall_error_ += dice_.between(-5s, 5s);
      story_.tell("the clock steps");
    });
  for (int i = dice.between(0, 1); i > 0; --i)
    at(dice.between(1s, kDayLength), [this] {
      if (!process_) return;
      constexpr std::array<Duration, 4> kErrors{-24h * 300, -26h, 30h, 24h * 900};
      wall_error_ = kErrors[static_cast<std::size_t>(dice_.between(0, 3))];
      quality_ = TimeQuality::untrusted;
      booted_at_ = now_;
      for (const ShopperId& shopper : orchestrator_.shoppers()) ledger_.let_go(shopper);
      at(now_ + dice_.between(5s, 30min), [this] {
        wall_error_ = {};
        quality_ = TimeQuality::trusted;
        story_.tell("the clock is set");
        for (const ShopperId& shopper : orchestrator_.shoppers()) ledger_.let_go(shopper);
      });
      throw ProcessKilled{"by a power cut; the clock is wrong from now on"};
    });
}

}  // namespace beacon_gateway_test
