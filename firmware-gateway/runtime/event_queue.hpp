// The one door into the loop: other threads post values here, and the loop's thread takes them.
//
// Advertisements are bounded: when there is no room, a radio's oldest one goes and is counted, while a capture waits.
// So are messages of the orchestrator, by octets: who posts one waits, and takes it back when its patience is over.
// Other control events are never dropped. The mutex guards the deque and the flag, and is the only one of the product's
// core.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "core/advertisement.hpp"
#include "core/downlink.hpp"
#include "ports/radio.hpp"
#include "ports/uplink.hpp"

namespace beacon_gateway {

struct RadioFinished {};
struct RadioFailed {
  std::string why;
};
struct LinkUp {};
struct LinkDown {
  std::string why;
};
struct RowSettled {
  std::int64_t sequence = 0;
  SendOutcome outcome = SendOutcome::accepted;
  std::string why;
};
struct StopRequested {};
struct ReloadRequested {};
// A question of a command, and where its answer goes.
struct ControlRequest {
  std::string request;
  unsigned user = 0;  // who asks, by the kernel's word
  bool is_operator = false;
  std::function<void(std::string)> answer;
};
using LoopEvent = std::variant<Advertisement, RadioFinished, RadioFailed, RadioStatus, LinkUp, LinkDown, RowSettled,
                               StopRequested, ReloadRequested, ControlRequest, Downlink>;

class EventQueue {
 public:
  // Four seconds of the busiest shop (2 000 advertisements a second), longer than the loop needs to put 100 000
  // profiles in force, at 300 octets each: 2.4 MB.
  static constexpr std::size_t kMostAdvertisements = 8192;
  // Two of the largest messages, or four parts of a full set: half a second's work for the loop. Parsed they are some
  // three times as large.
  static constexpr std::size_t kMostDownlinkOctets = 2U << 20U;

  // Any thread. Never waits: the oldest advertisement makes room.
  void post(const Advertisement& advertisement);
  // Any thread. Waits for room; false once the queue is closed.
  [[nodiscard]] bool post_patiently(const Advertisement& advertisement);
  // Any thread. Waits for room, which an empty queue has for any message; false: not within `patience`, or the queue is
  // closed. What was refused weighs little, whatever it weighed.
  [[nodiscard]] bool post_patiently(Downlink downlink, std::chrono::milliseconds patience);
  // Any thread.
  void post(LoopEvent control);

  // The loop's thread. Moves at most `most` events, in order, into `events`; waits up to `patience` for the first.
  void take(std::vector<LoopEvent>& events, std::size_t most, std::chrono::milliseconds patience);

  // Everything waiting gives up. Further posts are ignored.
  void close();

  // How many advertisements were pushed out since the last call.
  [[nodiscard]] std::uint64_t take_overflow();

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable drained_;
  std::deque<LoopEvent> events_;
  std::size_t advertisements_ = 0;
  std::size_t downlink_octets_ = 0;
  std::uint64_t overflow_ = 0;
  bool closed_ = false;
};

}  // namespace beacon_gateway
