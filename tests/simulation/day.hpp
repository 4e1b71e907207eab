// One simulated day: everything that lives in it, and what may happen next. See simulated_day.hpp.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "delivery.hpp"
#include "gateway.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/mortal_stores.hpp"
#include "tests/simulation/orchestrator.hpp"
#include "tests/simulation/receipts.hpp"
#include "tests/simulation/simulated_broker.hpp"
#include "tests/simulation/simulated_day.hpp"
#include "tests/simulation/walks.hpp"
#include "tests/unit/gateway_world.hpp"

namespace beacon_gateway_test {

inline constexpr Duration kDayLength = std::chrono::hours{10};  // nobody comes in the last hour and a half: all can end
inline constexpr Duration kIdleTurn = std::chrono::seconds{20};  // the loop looks at the clock even if nothing happens
// Of a middling day; deaths are spread over it.
inline constexpr int kPointsOfDay = 1500;
inline constexpr std::size_t kRowsCompared = 100'000;  // more than there ever are

class Day {
 public:
  explicit Day(const DayPlan& plan);

  void run();
  void report(DayResult& result);

 private:
  struct Process {
    Gateway gateway;
    Delivery delivery;
  };

  [[nodiscard]] bool has(Fault fault) const { return plan_.faults.test(static_cast<std::size_t>(fault)); }
  [[nodiscard]] WallTime true_time() const { return kMorning + now_; }
  [[nodiscard]] Instant machine() const;
  [[nodiscard]] LedgerQuestions questions();
  [[nodiscard]] bool agreed(const ShopperId& shopper, Purpose purpose, WallTime at, bool any) const;

  void at(Duration when, std::function<void()> what) { agenda_.emplace(when, std::move(what)); }
  void plan_faults();
  void plan_operators();
  void plan_link();
  void plan_clock();
  void pause(bool paused);

  // The next thing that happens, whatever it is; false at the end of the day.
  bool next();
  [[nodiscard]] Duration heard_at(const Heard& one) const { return one.at + capture_behind_; }
  void step(const std::function<void()>& what);
  void start_process();
  void die(const char* where);
  void turn();
  void hear(const Heard& one);
  void settle();
  void link_up();
  void link_down();
  void change_profile();
  void take_messages();
  void take_receipts();
  void take(const Downlink& message);
  void learn_revision();
  void let_go(std::int64_t before);
  void ask_orchestrator();
  void evening();
  void check_evening();
  void check_convergence();

  DayPlan plan_;
  bool capture_;
  Dice dice_;
  Story story_;
  Settings settings_;
  Settings other_settings_;
  Orchestrator orchestrator_;
  std::vector<Heard> walks_;
  Ledger ledger_;
  SimulatedBroker broker_;
  Receipts receipts_;
  Disk disk_;
  Mortality mortality_;
  MortalProfileStore profiles_;
  MortalJourneyStore journey_;
  Counters counters_;
  std::unique_ptr<Process> process_;

  Duration now_{};  // of the true clock, since the morning
  std::multimap<Duration, std::function<void()>> agenda_;
  std::size_t next_heard_ = 0;
  Duration capture_behind_{};  // a capture that stood still while the process was dead
  Duration last_turn_{};
  bool evening_ = false;

  Duration wall_error_{};
  TimeQuality quality_ = TimeQuality::trusted;
  Duration booted_at_{-std::chrono::hours{1}};

  std::deque<std::pair<Duration, Downlink>> messages_;  // under way to the gateway, and when they come
  std::optional<Duration> sync_at_;
  Duration sync_not_before_{};
  std::int64_t revision_ = 0;                         // what the gateway says that it holds
  std::optional<std::int64_t> taking_;                // a message of that revision is being taken
  std::int64_t interrupted_ = 0;                      // the newest revision at which a death came in between
  std::map<ShopperId, std::int64_t> told_withdrawn_;  // by which revision
  std::map<ShopperId, std::int64_t> told_unreadable_;

  std::uint64_t steps_ = 0;
  std::uint64_t deaths_ = 0;
};

}  // namespace beacon_gateway_test
