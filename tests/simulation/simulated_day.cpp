#include "tests/simulation/simulated_day.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "delivery.hpp"
#include "gateway.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/mortal_stores.hpp"
#include "tests/simulation/orchestrator.hpp"
#include "tests/simulation/simulated_broker.hpp"
#include "tests/simulation/simulated_shop.hpp"
#include "tests/simulation/walks.hpp"
#include "tests/unit/gateway_world.hpp"

namespace beacon_gateway_test {

using namespace std::chrono_literals;

namespace {

constexpr Duration kDayLength = 10h;  // nobody comes in the last hour and a half, so that all can end
constexpr Duration kEvening = 4h;     // after the day, without faults: longer than any expiry, lease and visit
constexpr Duration kIdleTurn = 10s;   // the loop looks at the clock even if nothing happens
constexpr Duration kSyncApart = 10s;  // as the event loop has it
constexpr Duration kSyncEvery = 1h;
constexpr int kPercentInFiles = 25;  // of the seeds: slower, but the stores are read again from the disk
constexpr int kPercentCapture = 25;
// Of a middling day; deaths are spread over it.
constexpr int kPointsOfDay = 1500;
constexpr std::size_t kRowsCompared = 100'000;
// Memory of what was heard lately is bounded; what profiles take comes on top and is small here.
constexpr std::size_t kMostIndexOctets = 8U << 20U;

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
  Duration booted_at_{-1h};

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

// UUID, major and minor of the first stranger's iBeacon, as octets.
std::string stranger() {
  constexpr std::size_t kFrom = 6;
  constexpr std::size_t kLength = 20;
  const Payload payload = ibeacon(kFirstStranger);
  const auto octets = payload.bytes().subspan(kFrom, kLength);
  return {octets.begin(), octets.end()};
}

int shoppers_of(std::uint64_t seed) {
  return Dice{seed, DiceFor::shop}.between(4, kMostShoppers);
}

bool in_files(std::uint64_t seed) {
  Dice dice{seed, DiceFor::shop};
  dice.roll();
  return dice.percent(kPercentInFiles);
}

Day::Day(const DayPlan& plan)
    : plan_(plan),
      capture_(on_capture_clock(plan.seed)),
      dice_(plan.seed, DiceFor::faults),
      story_(plan.story),
      settings_(simulated_settings(plan.seed)),
      other_settings_(reloaded(settings_)),
      orchestrator_(plan.seed, known_in_the_morning(plan.seed, shoppers_of(plan.seed))),
      walks_(walks_of_a_day(plan.seed, shoppers_of(plan.seed), kDayLength)),
      ledger_(questions(), settings_.name, settings_.journey.daily_cap_per_shopper, capture_, story_),
      broker_(plan.seed, ledger_, story_),
      disk_(in_files(plan.seed), {settings_.name, settings_.shop, false}),
      profiles_(disk_, mortality_),
      journey_(disk_, mortality_, ledger_) {
  plan_faults();
}

LedgerQuestions Day::questions() {
  return {[this](const auto& shopper, Purpose purpose, WallTime at) { return agreed(shopper, purpose, at, true); },
          [this](const auto& shopper, Purpose purpose, WallTime at) { return agreed(shopper, purpose, at, false); },
          [this](const auto& shopper) { return orchestrator_.knows(shopper); },
          [this] { return process_ ? process_->gateway.now().wall : machine().wall; },
          [this] { return process_ && process_->gateway.paused(); }};
}

// Whether any, or all, of what the gateway may hold says so.
bool Day::agreed(const ShopperId& shopper, Purpose purpose, WallTime at, bool any) const {
  const auto held_since = [&](const std::map<ShopperId, std::int64_t>& told) {
    const auto found = told.find(shopper);
    return found == told.end() ? revision_ : std::max(revision_, found->second);
  };
  const std::int64_t held = held_since(told_withdrawn_);
  bool result = orchestrator_.consents(shopper, purpose, at, held);
  const auto also = [&](std::int64_t revision) {
    const bool says = orchestrator_.consents(shopper, purpose, at, revision);
    result = any ? result || says : result && says;
  };
  if (taking_ && *taking_ > held) also(*taking_);
  if (interrupted_ > held) also(interrupted_);
  if (!any) also(held_since(told_unreadable_));
  return result;
}

Instant Day::machine() const {
  return {MonotonicTime{now_ - booted_at_}, true_time() + wall_error_, quality_};
}

void Day::plan_faults() {
  if (has(Fault::link)) plan_link();
  broker_.set_friendly(!has(Fault::link));
  if (capture_) return;  // its clock is the capture's, and what comes from outside would come to another place in it
  if (has(Fault::orchestrator))
    for (int i = dice_.between(0, 12); i > 0; --i) at(dice_.between(1s, kDayLength), [this] { change_profile(); });
  if (has(Fault::clock)) plan_clock();
  if (!has(Fault::operators)) return;
  for (int i = dice_.between(0, 2); i > 0; --i) {
    const Duration from = dice_.between(1s, kDayLength - 1h);
    at(from, [this] { pause(true); });
    at(from + dice_.between(1s, 1h), [this] { pause(false); });
  }
  for (int i = dice_.between(0, 3); i > 0; --i)
    at(dice_.between(1s, kDayLength), [this] {
      if (!process_) return;
      story_.tell("reload");
      std::swap(settings_, other_settings_);
      process_->gateway.reconfigure(settings_);
    });
  for (int i = dice_.between(0, 2); i > 0; --i)
    at(dice_.between(1s, kDayLength), [this] {
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
  for (Duration from = dice_.between(Duration{}, 30min); from < kDayLength;) {
    const Duration down = dice_.percent(80) ? dice_.between(1s, 2min) : dice_.between(2min, 90min);
    at(from, [this] { link_down(); });
    at(from + down, [this] { link_up(); });
    from += down + (dice_.percent(30) ? dice_.between(1s, 1min) : dice_.between(1min, 3h));
  }
}

// Small steps of a machine that is in time, and starts that do not know the time at all.
void Day::plan_clock() {
  for (int i = dice_.between(0, 2); i > 0; --i)
    at(dice_.between(1s, kDayLength), [this] {
      wall_error_ += dice_.between(-5s, 5s);
      story_.tell("the clock steps");
    });
  for (int i = dice_.between(0, 1); i > 0; --i)
    at(dice_.between(1s, kDayLength), [this] {
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

void Day::run() {
  step([this] { start_process(); });
  (void)process_->gateway.import(orchestrator_.first_known(), false);
  if (has(Fault::kills)) mortality_.die_after(dice_.between(0, kPointsOfDay));
  while (next()) continue;
  evening();
}

bool Day::next() {
  Duration when = last_turn_ + kIdleTurn;
  const bool hears = next_heard_ < walks_.size() && (process_ || !capture_);
  if (hears) when = std::min(when, heard_at(walks_[next_heard_]));
  if (const auto answer = broker_.next_answer()) when = std::min(when, *answer);
  if (const auto dead = broker_.dead_at()) when = std::min(when, *dead);
  if (!agenda_.empty()) when = std::min(when, agenda_.begin()->first);
  if (when > kDayLength && !(capture_ && (!process_ || next_heard_ < walks_.size()))) return false;
  now_ = std::max(now_, when);
  story_.set_time(now_);
  broker_.set_time(now_);
  if (!agenda_.empty() && agenda_.begin()->first <= now_) {
    const std::function<void()> what = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    step(what);
  } else if (const auto answer = broker_.next_answer(); answer && *answer <= now_) {
    step([this] { settle(); });
  } else if (const auto dead = broker_.dead_at(); dead && *dead <= now_) {
    step([this] { link_down(); });
    at(now_ + dice_.between(1s, 30s), [this] { link_up(); });
  } else if (hears && heard_at(walks_[next_heard_]) <= now_) {
    const Heard& one = walks_[next_heard_++];
    if (process_) step([&] { hear(one); });
  } else {
    step([] {});
  }
  return true;
}

// What the event loop does with one event, and then its turn.
void Day::step(const std::function<void()>& what) {
  ++steps_;
  last_turn_ = now_;
  try {
    what();
    if (process_) turn();
  } catch (const ProcessKilled& killed) {
    die(killed.where);
  }
}

void Day::turn() {
  Gateway& gateway = process_->gateway;
  if (!capture_) gateway.pass_time(machine());
  take_messages();
  process_->delivery.pump(gateway.now(), machine().monotonic);
  ask_orchestrator();
  learn_revision();
}

void Day::learn_revision() {
  revision_ = process_->gateway.revision();
  if (revision_ >= interrupted_) interrupted_ = 0;
}

void Day::start_process() {
  disk_.reopen();
  journey_.reconfigure(settings_.shop);
  const ClockSource clock = capture_ ? ClockSource::capture : ClockSource::machine;
  process_ = std::unique_ptr<Process>(new Process{{settings_, profiles_, journey_, counters_, clock, kSecret},
                                                  {journey_, profiles_, broker_, counters_}});
  ledger_.compare_waiting(disk_.journey().waiting_after(0, kRowsCompared));
  process_->gateway.start(machine());
  learn_revision();
  story_.tell("the process runs, revision {}", revision_);
  if (!has(Fault::link) || evening_) link_up();
  if (!capture_) return;
  next_heard_ = 0;  // the capture is read again from its beginning; what was dealt with comes at once
}

void Day::die(const char* where) {
  ++deaths_;
  story_.tell("the process ends {}", where);
  process_.reset();
  (void)broker_.go_down();
  if (taking_) {
    interrupted_ = std::max(interrupted_, *taking_);
    let_go(revision_);
    taking_.reset();
  }
  if (has(Fault::kills) && !evening_) mortality_.die_after(dice_.between(0, 2 * kPointsOfDay));
  const Duration down = dice_.percent(70) ? dice_.between(100ms, 5s) : dice_.between(5s, 20min);
  capture_behind_ += down;
  at(now_ + down, [this] { start_process(); });
  if (has(Fault::link)) at(now_ + down + dice_.between(1s, 1min), [this] { link_up(); });
}

void Day::hear(const Heard& one) {
  Advertisement heard = advertisement(one.minor, one.at, one.scanner, one.rssi_dbm);
  if (!capture_) heard.instant = machine();
  process_->gateway.hear(heard);
}

void Day::settle() {
  const auto [sequence, outcome, again] = broker_.take_answer();
  process_->delivery.settled(sequence, outcome, machine().monotonic);
}

void Day::link_up() {
  if (!process_ || broker_.up()) return;
  story_.tell("the link is up");
  broker_.come_up();
  process_->delivery.link_up();
  sync_at_ = now_;
}

void Day::link_down() {
  if (!process_ || !broker_.up()) return;
  story_.tell("the link is down");
  for (const std::int64_t sequence : broker_.go_down())
    process_->delivery.settled(sequence, SendOutcome::lost, machine().monotonic);
  process_->delivery.link_down();
}

void Day::change_profile() {
  Downlink message = orchestrator_.change(true_time());
  if (dice_.percent(10)) return story_.tell("a message of the orchestrator is lost");
  const Duration comes = now_ + dice_.between(Duration{}, 10s);
  if (dice_.percent(10)) messages_.emplace_back(comes, message);  // comes twice
  messages_.emplace_back(comes, std::move(message));
}

void Day::take_messages() {
  while (broker_.up() && !messages_.empty() && messages_.front().first <= now_) {
    const Downlink message = messages_.front().second;
    // The client library may have acknowledged it before the process dies over it, or not.
    const bool acknowledged_first = dice_.percent(50);
    if (acknowledged_first) messages_.pop_front();
    take(message);
    if (!acknowledged_first) messages_.pop_front();
  }
}

void Day::take(const Downlink& message) {
  const auto& content = std::get<ProfilesMessage>(message.content);
  story_.tell("message of revision {}: {} withdrawals, {} profiles{}", content.revision, content.withdrawals.size(),
              content.upserts.size(), content.full ? ", of a full set" : "");
  taking_ = content.revision;
  const auto before = revision_;
  process_->gateway.take(message);
  taking_.reset();
  learn_revision();
  for (const ShopperId& shopper : content.withdrawals) told_withdrawn_[shopper] = content.revision;
  for (const ShopperId& shopper : content.unreadable) told_unreadable_[shopper] = content.revision;
  let_go(before);
}

// Of whoever did not agree before, or perhaps does not now.
void Day::let_go(std::int64_t before) {
  const WallTime now = process_ ? process_->gateway.now().wall : machine().wall;
  for (const ShopperId& shopper : orchestrator_.shoppers())
    if (!orchestrator_.consents(shopper, Purpose::presence, now, before) ||
        !agreed(shopper, Purpose::presence, now, false))
      ledger_.let_go(shopper);
}

void Day::ask_orchestrator() {
  if (!broker_.up() || now_ < sync_not_before_ || capture_) return;
  if (!(sync_at_ && *sync_at_ <= now_) && !process_->gateway.sync_wanted()) return;
  process_->gateway.sync_sent();
  sync_at_ = now_ + kSyncEvery;
  sync_not_before_ = now_ + kSyncApart;
  for (Downlink& message : orchestrator_.answer(process_->gateway.revision(), true_time())) {
    if (!evening_ && has(Fault::orchestrator) && dice_.percent(5)) continue;  // lost
    messages_.emplace_back(now_ + 1s, std::move(message));
  }
}

// No more faults: what is open ends, what waits is delivered, what was missed is told.
void Day::evening() {
  evening_ = true;
  mortality_.die_after(std::nullopt);
  broker_.set_friendly(true);
  story_.tell("evening");
  if (!process_) step([this] { start_process(); });
  step([this] {
    process_->gateway.pause(false);
    wall_error_ = {};
    quality_ = TimeQuality::trusted;
    link_down();  // what was never answered will never be
    link_up();
    if (capture_) process_->gateway.finish();
  });
  for (const Duration until = now_ + kEvening; now_ < until;) {
    now_ += broker_.next_answer() ? 1s : kIdleTurn * 3;
    story_.set_time(now_);
    broker_.set_time(now_);
    step([this] {
      while (broker_.next_answer()) settle();
    });
  }
  check_evening();
}

void Day::check_evening() {
  const auto expect = [](bool holds, const char* text) {
    if (!holds) throw Violation{text};
  };
  process_->gateway.save();
  ledger_.compare_waiting(disk_.journey().waiting_after(0, kRowsCompared));
  ledger_.close_the_day();
  expect(process_->gateway.open_visits() == 0, "a visit is open at the end of the day");
  expect(process_->delivery.in_flight() == 0, "a row is in flight at the end of the day");
  for (const SavedTrack& saved : disk_.journey().tracks(process_->gateway.now()))
    if (!capture_) throw Violation{fmt::format("{} is followed at the end of the day", saved.shopper_id.value())};
  expect(process_->gateway.holding().index_octets < kMostIndexOctets, "what was heard takes too much memory");
  expect(!disk_.holds(stranger()), "a stranger's identifier is in the store");
  if (!capture_) check_convergence();
}

// What the orchestrator knows in the end is what the gateway holds.
void Day::check_convergence() {
  if (process_->gateway.revision() != orchestrator_.revision())
    throw Violation{fmt::format("the gateway holds revision {}, the orchestrator {}", process_->gateway.revision(),
                                orchestrator_.revision())};
  for (const ShopperId& shopper : orchestrator_.shoppers()) {
    const Profile* known = orchestrator_.profile(shopper, orchestrator_.revision());
    const auto held = disk_.profiles().find(shopper);
    const bool same = known == nullptr || known->consents.empty() ? !held || held->profile.consents.empty()
                                                                  : held && held->profile.consents == known->consents;
    if (!same) throw Violation{fmt::format("what is held of {} is not what the orchestrator knows", shopper.value())};
    if (known == nullptr && !disk_.journey().history(shopper).empty())
      throw Violation{fmt::format("caps of {} outlive the erasure", shopper.value())};
  }
}

void Day::report(DayResult& result) {
  result.story = story_.lines();
  result.events = ledger_.texts();
  result.steps = steps_;
  result.deaths = deaths_;
  result.triggers = ledger_.triggers();
  result.recorded = ledger_.events();
}

}  // namespace

const char* name(Fault fault) {
  constexpr std::array<const char*, kFaultCount> kNames{"kills", "link", "orchestrator", "clock", "operators"};
  return kNames[static_cast<std::size_t>(fault)];
}

bool on_capture_clock(std::uint64_t seed) {
  return Dice{seed, DiceFor::shop}.percent(kPercentCapture);
}

DayResult run_day(const DayPlan& plan) {
  DayResult result;
  Day day{plan};
  try {
    day.run();
  } catch (const Violation& violation) {
    result.violation = violation.what();
  }
  day.report(result);
  return result;
}

}  // namespace beacon_gateway_test
