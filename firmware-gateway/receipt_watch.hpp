// Notices that nobody processes what the broker takes: events were accepted, and for five minutes not one receipt came
// (contract 3.4). The broker's own word for it, PUBACK with reason 0x10, is not passed on by Paho, and says nothing of
// a subscriber that does not work. Real time; no thread.
#pragma once

#include <optional>
#include <utility>

#include "core/time.hpp"

namespace beacon_gateway {

class ReceiptWatch {
 public:
  static constexpr Duration kPatience = std::chrono::minutes{5};  // contract 3.4

  // The broker took an event.
  void published(MonotonicTime now) {
    if (!unanswered_since_) unanswered_since_ = now;
  }

  // The orchestrator processed something. True: it was given up before.
  bool received() {
    unanswered_since_.reset();
    return std::exchange(missing_, false);
  }

  // Whether receipts are missing. A quiet night is not: nothing was sent.
  bool missing(MonotonicTime now) {
    missing_ = missing_ || (unanswered_since_ && now - *unanswered_since_ >= kPatience);
    return missing_;
  }

 private:
  std::optional<MonotonicTime> unanswered_since_;  // the first event accepted since the last receipt
  bool missing_ = false;
};

}  // namespace beacon_gateway
