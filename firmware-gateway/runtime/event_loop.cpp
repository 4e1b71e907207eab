#include "runtime/event_loop.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <type_traits>

namespace beacon_gateway {
namespace {

// So many events between two looks at the delivery: a flood must not starve what is due to be sent.
constexpr std::size_t kEventsPerTurn = 256;
// The longest sleep: reconnects, silence and the watchdog are looked after at least so often.
constexpr std::chrono::milliseconds kPatience{1000};
constexpr Duration kHealthEvery = std::chrono::minutes{1};
constexpr Duration kSyncEvery = std::chrono::hours{1};  // contract 3.4
// A gap shows in every message until it is closed: time for the answer to come.
constexpr Duration kSyncApart = std::chrono::seconds{10};
// The answer did not close it: something in it cannot be read, and asking at once would not help.
constexpr Duration kSyncAgain = std::chrono::minutes{5};

// How often a store that took nothing is tried: a technician who frees space should see it work at once.
constexpr Duration kRecoverEvery = std::chrono::seconds{5};

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

EventLoop::EventLoop(Gateway& gateway, JourneyStore& journey, Delivery* delivery, Uplink* uplink, EventQueue& queue,
                     Counters& counters, LoopSurroundings surroundings, LoopOptions options)
    : gateway_(gateway),
      journey_(journey),
      delivery_(delivery),
      uplink_(uplink),
      queue_(queue),
      counters_(counters),
      surroundings_(std::move(surroundings)),
      options_(options) {}

void EventLoop::run() {
  std::vector<LoopEvent> events;
  while (!stopping_ && !done()) {
    events.clear();
    queue_.take(events, kEventsPerTurn, kPatience);
    for (LoopEvent& event : events) {
      if (suspended_ || !attempt([&] { handle(event); })) handle_suspended(event);
      // A message of the orchestrator may take as long as a whole batch of all others.
      if (std::holds_alternative<Downlink>(event)) turn(false);
    }
    turn(events.size() < kEventsPerTurn);
  }
}

bool EventLoop::attempt(const std::function<void()>& work) {
  try {
    work();
    return true;
  } catch (const StoreUnavailable& error) {
    suspend(error.what());
    return false;
  }
}

void EventLoop::suspend(const std::string& why) {
  if (suspended_) return;
  suspended_ = true;
  store_trouble_ = why;
  recover_due_ = {};
  counters_.add(Count::store_failures);
  spdlog::error("alarm: the store takes nothing: {}; nobody is recognised until it does", why);
  if (surroundings_.store_trouble) surroundings_.store_trouble(why);
}

void EventLoop::resume(MonotonicTime real_now) {
  if (real_now < recover_due_) return;
  recover_due_ = real_now + kRecoverEvery;
  if (!journey_.recover()) return;
  if (missed_downlink_) gateway_.want_sync();
  const bool started = attempt([&] {
    gateway_.start_over();
    if (missed_end_) finish_capture();
  });
  if (!started) return;
  suspended_ = missed_downlink_ = missed_end_ = false;
  spdlog::info("the store takes data again: the gateway goes on with {} open visits", gateway_.open_visits());
  if (surroundings_.store_trouble) surroundings_.store_trouble({});
}

// What can be done without the gateway, whose memory cannot be trusted. What was being handled when the store failed
// comes here, too.
void EventLoop::handle_suspended(LoopEvent& event) {
  std::visit(Overloaded{
                 [&](Advertisement&) { counters_.add(Count::dropped_store_unavailable); },
                 [&](RadioFinished&) { missed_end_ = true; }, [&](Downlink&) { missed_downlink_ = true; },
                 [&](ReloadRequested&) {
                   spdlog::error("reload refused, the old configuration stays in force: the store takes nothing");
                 },
                 [&](ControlRequest& control) { answer(control); },
                 [&](auto&) { handle(event); },  // none of these touches a store
             },
             event);
}

void EventLoop::answer(const ControlRequest& request) {
  // Asked again: what changes something is refused then, with the reason; whoever gets no answer even so is told that
  // the gateway is stopping.
  const auto ask = [&] { request.answer(surroundings_.answer(request)); };
  if (!attempt(ask)) (void)attempt(ask);
}

void EventLoop::handle(LoopEvent& event) {
  std::visit(Overloaded{
                 [&](const Advertisement& advertisement) { gateway_.hear(advertisement); },
                 [&](const RadioFinished&) { finish_capture(); },
                 [&](const RadioFailed& failed) { spdlog::error("radio: {}", failed.why); },
                 [&](RadioStatus& status) {
                   if (surroundings_.radio_status) surroundings_.radio_status(std::move(status));
                 },
                 [&](const LinkUp&) {
                   spdlog::info("broker: connected");
                   delivery_->link_up();
                   sync_due_ = {};
                 },
                 [&](const LinkDown& down) {
                   spdlog::warn("broker: {}", down.why);
                   delivery_->link_down();
                 },
                 [&](const RowSettled& row) {
                   tell_not_taken(row);
                   delivery_->settled(row.sequence, row.outcome, surroundings_.machine_clock().monotonic);
                 },
                 [&](const Downlink& downlink) { take(downlink); },
                 [&](const StopRequested&) { stopping_ = true; },
                 [&](const ReloadRequested&) { surroundings_.reload(); },
                 [&](const ControlRequest& control) { answer(control); },
             },
             event);
}

void EventLoop::take(const Downlink& downlink) {
  const bool taken = gateway_.take(downlink);
  if (const auto* receipts = std::get_if<ReceiptsMessage>(&downlink.content);
      receipts != nullptr && delivery_ != nullptr)
    delivery_->processed(receipts->event_ids, surroundings_.machine_clock().monotonic);
  if (!taken) return;
  if (const auto* command = std::get_if<Command>(&downlink.content)) {
    const CommandReply answer = surroundings_.carry_out(*command, surroundings_.machine_clock().monotonic);
    if (command->kind == CommandKind::sync && !answer.refusal) sync_due_ = sync_not_before_ = {};  // whoever asks waits
    reply(answer);
  }
  if (const auto* campaigns = std::get_if<CampaignSet>(&downlink.content)) {
    reply(surroundings_.use_campaigns(*campaigns, surroundings_.machine_clock().monotonic));
    gateway_.dealt_with(downlink);
  }
}

void EventLoop::reply(const CommandReply& reply) {
  if (!uplink_->send_reply(reply)) counters_.add(Count::replies_dropped);
}

Warnings EventLoop::warnings() const {
  Warnings result;
  if (suspended_)
    result.push_back({warning::kStoreUnavailable,
                      "the store takes nothing, so nobody is recognised: " + store_trouble_ +
                          "; free space (`df -h`) or look after the disk (`dmesg`), it goes on by itself"});
  if (surroundings_.warnings)
    for (Warning& one : surroundings_.warnings()) result.push_back(std::move(one));
  if (delivery_ == nullptr) return result;
  for (Warning& one : delivery_->warnings()) result.push_back(std::move(one));
  for (Warning& one : uplink_->warnings()) result.push_back(std::move(one));
  return result;
}

// A broker that forbids a topic says so for each of its events, every half minute.
void EventLoop::tell_not_taken(const RowSettled& row) {
  constexpr Duration kTellEvery = std::chrono::minutes{1};
  if (row.outcome != SendOutcome::refused && row.outcome != SendOutcome::held) return;
  const MonotonicTime now = surroundings_.machine_clock().monotonic;
  if (row.why == not_taken_why_ && now < not_taken_told_at_ + kTellEvery) return;
  not_taken_why_ = row.why;
  not_taken_told_at_ = now;
  spdlog::warn("broker: event {} not taken: {}; more of these are only counted for a minute", row.sequence, row.why);
}

// The shop goes home: the clock runs on until every visit has ended, as in a replay.
void EventLoop::finish_capture() {
  gateway_.finish();
  capture_ended_ = true;
  spdlog::info("capture: ended; {} events wait in the outbox", journey_.totals().waiting);
}

// `caught_up`: nothing older waits in the queue. Only then has it been silent until now.
void EventLoop::turn(bool caught_up) {
  const Instant machine = surroundings_.machine_clock();
  if (suspended_) resume(machine.monotonic);
  if (!suspended_ && options_.clock == ClockSource::machine && caught_up)
    (void)attempt([&] { gateway_.pass_time(machine); });
  if (const std::uint64_t lost = queue_.take_overflow(); lost > 0) {
    counters_.add(Count::advertisements_overflowed, lost);
    spdlog::warn("overload: {} advertisements were dropped", lost);
  }
  if (uplink_ != nullptr) {
    uplink_->poll();
    deliver(machine.monotonic);
    send_health(machine);
    send_sync(machine);
  }
  surroundings_.alive(fmt::format("{}{} visits open, broker {}", suspended_ ? "ALARM: the store takes nothing; " : "",
                                  gateway_.open_visits(),
                                  uplink_ == nullptr    ? "not configured"
                                  : delivery_->linked() ? "connected"
                                                        : "not connected"));
}

// What is recorded goes out while the store takes nothing, too: that is how it gets room.
void EventLoop::deliver(MonotonicTime real_now) {
  if (suspended_ && missed_downlink_) return;
  Instant now = gateway_.now();
  if (suspended_ && options_.clock == ClockSource::machine) now = surroundings_.machine_clock();
  (void)attempt([&] { delivery_->pump(now, real_now); });
}

void EventLoop::send_health(const Instant& machine) {
  if (machine.monotonic < health_due_ || !delivery_->linked()) return;
  health_due_ = machine.monotonic + kHealthEvery;
  uplink_->send_health({machine.wall, gateway_.open_visits(), journey_.totals(), counters_, warnings()});
}

// At every connect, each hour, and on a gap.
void EventLoop::send_sync(const Instant& machine) {
  if (suspended_ || !delivery_->linked() || machine.monotonic < sync_not_before_) return;
  if (machine.monotonic < sync_due_ && !gateway_.sync_wanted()) return;
  if (!uplink_->send_sync(gateway_.revision())) return;
  gateway_.sync_sent();
  sync_due_ = machine.monotonic + kSyncEvery;
  sync_not_before_ = machine.monotonic + (synced_revision_ == gateway_.revision() ? kSyncAgain : kSyncApart);
  synced_revision_ = gateway_.revision();
}

bool EventLoop::done() {
  if (!options_.exit_at_end || !capture_ended_ || suspended_) return false;
  return delivery_ == nullptr || (delivery_->in_flight() == 0 && journey_.totals().waiting == 0);
}

}  // namespace beacon_gateway
