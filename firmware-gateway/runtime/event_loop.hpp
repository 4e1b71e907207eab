// The running daemon: takes an event, hands it to the gateway, lets the delivery go on, and tells that it is alive.
// Runs on the thread that calls `run`, which from then on owns the gateway and the stores.
#pragma once

#include <functional>
#include <string>

#include "delivery.hpp"
#include "gateway.hpp"
#include "runtime/event_queue.hpp"

namespace beacon_gateway {

// What the loop asks of the outside besides the ports.
struct LoopSurroundings {
  std::function<Instant()> machine_clock;                    // the only clock that is read
  std::function<std::string(const ControlRequest&)> answer;  // to a command
  std::function<void()> reload;                              // reads the configuration anew
  std::function<void(const std::string& state)> alive;       // after every turn: progress was made
  // A command of the orchestrator, believed and new.
  std::function<CommandReply(const Command&, MonotonicTime)> carry_out = {};
  // Campaigns of the orchestrator, believed and new.
  std::function<CommandReply(const CampaignSet&, MonotonicTime)> use_campaigns = {};
  std::function<void(RadioStatus)> radio_status = {};              // takes what the radio says of itself; for `status`
  std::function<Warnings()> warnings = {};                         // of what is outside of the loop
  std::function<void(const std::string& why)> store_trouble = {};  // began, or is over: empty; for `status`
};

struct LoopOptions {
  ClockSource clock = ClockSource::machine;
  bool exit_at_end = false;  // of the captures, once everything is delivered
};

class EventLoop {
 public:
  // All outlive the loop. `uplink` and `delivery` may be null together: no broker is configured.
  EventLoop(Gateway& gateway, JourneyStore& journey, Delivery* delivery, Uplink* uplink, EventQueue& queue,
            Counters& counters, LoopSurroundings surroundings, LoopOptions options);

  // Until a stop is requested, or the end of the captures with `exit_at_end`. Throws what the stores throw, but for
  // StoreUnavailable: then the gateway hears and decides nothing, what is recorded goes on being sent, and as soon as
  // the store takes data again the gateway goes on from there.
  void run();

  // What somebody must look at, of the delivery and of the link.
  [[nodiscard]] Warnings warnings() const;
  // True: the gateway's memory may not agree with the store, and must not be saved.
  [[nodiscard]] bool suspended() const { return suspended_; }

 private:
  // False: the store took nothing, and the gateway is suspended.
  bool attempt(const std::function<void()>& work);
  void suspend(const std::string& why);
  void resume(MonotonicTime real_now);
  void handle(LoopEvent& event);
  void tell_not_taken(const RowSettled& row);
  void handle_suspended(LoopEvent& event);
  void answer(const ControlRequest& request);
  void deliver(MonotonicTime real_now);
  void finish_capture();
  void turn(bool caught_up);
  void take(const Downlink& downlink);
  void reply(const CommandReply& reply);
  void send_health(const Instant& machine);
  void send_sync(const Instant& machine);
  [[nodiscard]] bool done();

  Gateway& gateway_;
  JourneyStore& journey_;
  Delivery* delivery_;
  Uplink* uplink_;
  EventQueue& queue_;
  Counters& counters_;
  LoopSurroundings surroundings_;
  LoopOptions options_;
  bool stopping_ = false;
  bool capture_ended_ = false;
  bool suspended_ = false;
  std::string store_trouble_;     // why, while suspended
  bool missed_downlink_ = false;  // while suspended: perhaps a withdrawal, so nothing is sent until it is over
  bool missed_end_ = false;       // of the captures, while suspended
  MonotonicTime recover_due_{};
  MonotonicTime health_due_{};
  MonotonicTime sync_due_{};
  MonotonicTime sync_not_before_{};
  std::int64_t synced_revision_ = -1;
  std::string not_taken_why_;
  MonotonicTime not_taken_told_at_{};
};

}  // namespace beacon_gateway
