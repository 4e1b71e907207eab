#include "drivers/mqtt/inbox.hpp"

#include <utility>

namespace beacon_gateway::mqtt {

namespace {

// What a message weighs besides its payload: many small ones are no way around the bound.
constexpr std::size_t kOverhead = 256;

std::size_t weight(const Inbox::Arrived& message) {
  return message.payload.size() + message.response_topic.size() + message.correlation_data.size() + kOverhead;
}

}  // namespace

Inbox::Inbox(Handler handler) : handler_(std::move(handler)), thread_([this] { work(); }) {}

Inbox::~Inbox() {
  close();
  join();
}

void Inbox::join() {
  if (thread_.joinable()) thread_.join();
}

void Inbox::put(Arrived message) {
  {
    std::unique_lock lock(mutex_);
    drained_.wait_for(lock, kPause, [this] { return closed_ || in_haste_ > 0 || octets_ < kRoom; });
    if (closed_) return;
    if (octets_ + weight(message) > kMost) {
      message.payload = message.response_topic = message.correlation_data = {};
      message.dropped = true;
    }
    octets_ += weight(message);
    messages_.push_back(std::move(message));
  }
  filled_.notify_one();
}

Inbox::Haste::Haste(Inbox* inbox) : inbox_(inbox) {
  if (inbox_ == nullptr) return;
  {
    const std::lock_guard lock(inbox_->mutex_);
    ++inbox_->in_haste_;
  }
  inbox_->drained_.notify_all();
}

Inbox::Haste::~Haste() {
  if (inbox_ == nullptr) return;
  const std::lock_guard lock(inbox_->mutex_);
  --inbox_->in_haste_;
}

void Inbox::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    messages_.clear();
    octets_ = 0;
  }
  filled_.notify_all();
  drained_.notify_all();
}

void Inbox::work() {
  while (true) {
    Arrived message;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return closed_ || !messages_.empty(); });
      if (closed_) return;
      message = std::move(messages_.front());
      messages_.pop_front();
      octets_ -= weight(message);
    }
    drained_.notify_all();
    handler_(message);
  }
}

}  // namespace beacon_gateway::mqtt
