#include "tests/simulation/simulated_day.hpp"

#include <algorithm>
#include <array>

#include "tests/simulation/day.hpp"
#include "tests/simulation/simulated_shop.hpp"

namespace beacon_gateway_test {

using namespace std::chrono_literals;

namespace {

constexpr Duration kSyncApart = 10s;  // as the event loop has it
constexpr Duration kSyncEvery = 1h;
constexpr int kPercentInFiles = 25;  // of the seeds: slower, but the stores are read again from the disk
constexpr int kPercentCapture = 25;
// Ten times what the longest days take; one whose time stands still would go on for ever.
constexpr std::uint64_t kMostSteps = 100'000;

int shoppers_of(std::uint64_t seed) {
  return Dice{seed, DiceFor::shop}.between(4, kMostShoppers);
}

bool in_files(std::uint64_t seed) {
  return Dice{seed, DiceFor::stores}.percent(kPercentInFiles);
}

}  // namespace

Day::Day(const DayPlan& plan)
    : plan_(plan),
      capture_(on_capture_clock(plan.seed)),
      dice_(plan.seed, DiceFor::deaths),
      story_(plan.story),
      settings_(simulated_settings(plan.seed)),
      other_settings_(reloaded(settings_)),
      orchestrator_(plan.seed, known_in_the_morning(plan.seed, shoppers_of(plan.seed))),
      walks_(walks_of_a_day(plan.seed, shoppers_of(plan.seed), kDayLength)),
      ledger_(questions(), settings_.name, settings_.journey.daily_cap_per_shopper, capture_, story_),
      broker_(plan.seed, ledger_, story_),
      receipts_(plan.seed),
      disk_(in_files(plan.seed), {settings_.name, settings_.shop, false}),
      profiles_(disk_, mortality_),
      journey_(disk_, mortality_, ledger_) {
  if (receipts_.policy() == ReceiptPolicy::required) ledger_.require_receipts();
  receipts_.set_friendly(!has(Fault::link));
  plan_faults();
}

LedgerQuestions Day::questions() {
  return {[this](const auto& shopper, Purpose purpose, WallTime at) { return agreed(shopper, purpose, at, true); },
          [this](const auto& shopper, Purpose purpose, WallTime at) { return agreed(shopper, purpose, at, false); },
          [this](const auto& shopper) { return orchestrator_.knows(shopper); },
          [this] { return process_ ? process_->gateway.now().wall : machine().wall; },
          [this] { return process_ && process_->gateway.paused(); },
          [this] { return disk_.profiles().unfinished_erasures(); }};
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
  if (++steps_ > kMostSteps)
    throw Violation{fmt::format("the day does not end: at {:%T} it has taken {} steps",
                                std::chrono::floor<std::chrono::seconds>(now_), kMostSteps)};
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
  take_receipts();
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
                                                  {journey_, profiles_, broker_, counters_, {}, receipts_.policy()}});
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
  broker_.forget_accepted();
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

// A death in between loses them, as they are not kept: the event goes again, and is confirmed again.
void Day::take_receipts() {
  receipts_.confirm(broker_.take_reached(), now_);
  if (!broker_.up()) return;
  const std::vector<std::string> ids = receipts_.take(now_);
  if (ids.empty()) return;
  story_.tell("{} receipts come", ids.size());
  ledger_.confirmed(ids);
  process_->delivery.processed(ids, machine().monotonic);
  ledger_.check_confirmed(ids);
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

void Day::report(DayResult& result) {
  result.story = story_.lines();
  result.events = ledger_.texts();
  result.steps = steps_;
  result.deaths = deaths_;
  result.triggers = ledger_.triggers();
  result.recorded = ledger_.events();
}

const char* name(Fault fault) {
  constexpr std::array<const char*, kFaultCount> kNames{"kills", "link", "orchestrator", "clock", "operators"};
  return kNames[static_cast<std::size_t>(fault)];
}

bool on_capture_clock(std::uint64_t seed) {
  return Dice{seed, DiceFor::clock_source}.percent(kPercentCapture);
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
