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
  std::function<void(RadioStatus)> radio_status = {};  // takes what the radio says of itself; for `status`
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

  // Until a stop is requested, or the end of the captures with `exit_at_end`. Throws what the stores throw.
  void run();

 private:
  void handle(LoopEvent& event);
  void take(const Downlink& downlink);
  void finish_capture();
  void turn(bool caught_up);
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
  MonotonicTime health_due_{};
  MonotonicTime sync_due_{};
  MonotonicTime sync_not_before_{};
  std::int64_t synced_revision_ = -1;
};

}  // namespace beacon_gateway
