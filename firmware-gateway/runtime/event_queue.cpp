#include "runtime/event_queue.hpp"

#include <algorithm>
#include <utility>

namespace beacon_gateway {
namespace {

bool is_advertisement(const LoopEvent& event) {
  return std::holds_alternative<Advertisement>(event);
}

std::size_t weight(const Downlink& downlink) {
  // What was refused has left its content behind; yet a flood of it must not fill the queue.
  constexpr std::size_t kRefusal = 1024;
  return std::holds_alternative<DownlinkRefusal>(downlink.content) ? kRefusal : downlink.octets;
}

std::size_t weight(const LoopEvent& event) {
  const auto* downlink = std::get_if<Downlink>(&event);
  return downlink == nullptr ? 0 : weight(*downlink);
}

}  // namespace

void EventQueue::post(const Advertisement& advertisement) {
  {
    const std::lock_guard lock{mutex_};
    if (closed_) return;
    if (advertisements_ == kMostAdvertisements) {
      events_.erase(std::ranges::find_if(events_, is_advertisement));  // near the front: control events are few
      --advertisements_;
      ++overflow_;
    }
    events_.emplace_back(advertisement);
    ++advertisements_;
  }
  filled_.notify_one();
}

bool EventQueue::post_patiently(const Advertisement& advertisement) {
  {
    std::unique_lock lock{mutex_};
    drained_.wait(lock, [&] { return closed_ || advertisements_ < kMostAdvertisements; });
    if (closed_) return false;
    events_.emplace_back(advertisement);
    ++advertisements_;
  }
  filled_.notify_one();
  return true;
}

bool EventQueue::post_patiently(Downlink downlink, std::chrono::milliseconds patience) {
  const std::size_t octets = weight(downlink);
  {
    std::unique_lock lock{mutex_};
    const bool room = drained_.wait_for(lock, patience, [&] {
      return closed_ || downlink_octets_ == 0 || downlink_octets_ + octets <= kMostDownlinkOctets;
    });
    if (!room || closed_) return false;
    events_.emplace_back(std::move(downlink));
    downlink_octets_ += octets;
  }
  filled_.notify_one();
  return true;
}

void EventQueue::post(LoopEvent control) {
  {
    const std::lock_guard lock{mutex_};
    if (closed_) return;
    downlink_octets_ += weight(control);
    events_.push_back(std::move(control));
  }
  filled_.notify_one();
}

void EventQueue::take(std::vector<LoopEvent>& events, std::size_t most, std::chrono::milliseconds patience) {
  {
    std::unique_lock lock{mutex_};
    filled_.wait_for(lock, patience, [&] { return closed_ || !events_.empty(); });
    while (!events_.empty() && events.size() < most) {
      if (is_advertisement(events_.front())) --advertisements_;
      downlink_octets_ -= weight(events_.front());
      events.push_back(std::move(events_.front()));
      events_.pop_front();
    }
  }
  drained_.notify_all();
}

void EventQueue::close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    events_.clear();
    advertisements_ = 0;
    downlink_octets_ = 0;
  }
  filled_.notify_all();
  drained_.notify_all();
}

std::uint64_t EventQueue::take_overflow() {
  const std::lock_guard lock{mutex_};
  return std::exchange(overflow_, 0);
}

}  // namespace beacon_gateway
