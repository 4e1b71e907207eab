#include "drivers/mqtt/in_flight.hpp"

#include <algorithm>
#include <cassert>

namespace beacon_gateway::mqtt {

void InFlight::set_limit(std::size_t limit) {
  const std::lock_guard lock(mutex_);
  limit_ = std::min(limit, kWindow);
}

std::size_t InFlight::limit() const {
  const std::lock_guard lock(mutex_);
  return limit_;
}

std::optional<InFlight::Ticket> InFlight::add(std::optional<std::int64_t> sequence, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (closed_ || count() >= limit_) return std::nullopt;
  const auto free = std::find_if(entries_.begin(), entries_.end(), [](const auto& entry) { return !entry; });
  assert(free != entries_.end());
  *free = Entry{sequence, now};
  return static_cast<Ticket>(free - entries_.begin());
}

std::optional<InFlight::Entry> InFlight::take(Ticket ticket) {
  const std::lock_guard lock(mutex_);
  std::optional<Entry> entry;
  entry.swap(entries_.at(ticket));
  if (count() == 0) emptied_.notify_all();
  return entry;
}

std::vector<std::int64_t> InFlight::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  std::vector<std::int64_t> rows;
  for (auto& entry : entries_) {
    if (entry && entry->sequence) rows.push_back(*entry->sequence);
    entry.reset();
  }
  std::sort(rows.begin(), rows.end());
  emptied_.notify_all();
  return rows;
}

std::optional<InFlight::Clock::time_point> InFlight::oldest() const {
  const std::lock_guard lock(mutex_);
  std::optional<Clock::time_point> oldest;
  for (const auto& entry : entries_)
    if (entry && (!oldest || entry->since < *oldest)) oldest = entry->since;
  return oldest;
}

bool InFlight::wait_until_empty(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_until(lock, deadline, [this] { return count() == 0; });
}

std::size_t InFlight::count() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(), [](const auto& entry) { return entry.has_value(); }));
}

}  // namespace beacon_gateway::mqtt
