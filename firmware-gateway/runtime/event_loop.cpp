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
      handle(event);
      // A message of the orchestrator may take as long as a whole batch of all others.
      if (std::holds_alternative<Downlink>(event)) turn(false);
    }
    turn(events.size() < kEventsPerTurn);
  }
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
                   if (row.outcome == SendOutcome::refused || row.outcome == SendOutcome::held)
                     spdlog::warn("broker: event {} not taken: {}", row.sequence, row.why);
                   delivery_->settled(row.sequence, row.outcome, surroundings_.machine_clock().monotonic);
                 },
                 [&](const Downlink& downlink) { take(downlink); },
                 [&](const StopRequested&) { stopping_ = true; },
                 [&](const ReloadRequested&) { surroundings_.reload(); },
                 [&](const ControlRequest& control) { control.answer(surroundings_.answer(control)); },
             },
             event);
}

void EventLoop::take(const Downlink& downlink) {
  const auto* command = std::get_if<Command>(&downlink.content);
  if (!gateway_.take(downlink) || command == nullptr) return;
  const CommandReply reply = surroundings_.carry_out(*command, surroundings_.machine_clock().monotonic);
  if (command->kind == CommandKind::sync && !reply.refusal) sync_due_ = sync_not_before_ = {};  // whoever asks waits
  if (!uplink_->send_reply(reply)) counters_.add(Count::replies_dropped);
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
  if (options_.clock == ClockSource::machine && caught_up) gateway_.pass_time(machine);
  if (const std::uint64_t lost = queue_.take_overflow(); lost > 0) {
    counters_.add(Count::advertisements_overflowed, lost);
    spdlog::warn("overload: {} advertisements were dropped", lost);
  }
  if (uplink_ != nullptr) {
    uplink_->poll();
    delivery_->pump(gateway_.now(), machine.monotonic);
    send_health(machine);
    send_sync(machine);
  }
  surroundings_.alive(fmt::format("{} visits open, broker {}", gateway_.open_visits(),
                                  uplink_ == nullptr    ? "not configured"
                                  : delivery_->linked() ? "connected"
                                                        : "not connected"));
}

void EventLoop::send_health(const Instant& machine) {
  if (machine.monotonic < health_due_ || !delivery_->linked()) return;
  health_due_ = machine.monotonic + kHealthEvery;
  uplink_->send_health({machine.wall, gateway_.open_visits(), journey_.totals(), counters_});
}

// At every connect, each hour, and on a gap.
void EventLoop::send_sync(const Instant& machine) {
  if (!delivery_->linked() || machine.monotonic < sync_not_before_) return;
  if (machine.monotonic < sync_due_ && !gateway_.sync_wanted()) return;
  if (!uplink_->send_sync(gateway_.revision())) return;
  gateway_.sync_sent();
  sync_due_ = machine.monotonic + kSyncEvery;
  sync_not_before_ = machine.monotonic + (synced_revision_ == gateway_.revision() ? kSyncAgain : kSyncApart);
  synced_revision_ = gateway_.revision();
}

bool EventLoop::done() {
  if (!options_.exit_at_end || !capture_ended_) return false;
  return delivery_ == nullptr || (delivery_->in_flight() == 0 && journey_.totals().waiting == 0);
}

}  // namespace beacon_gateway
