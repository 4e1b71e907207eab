#include "drivers/mqtt/reconnect_policy.hpp"

#include <algorithm>

namespace beacon_gateway::mqtt {

ReconnectPolicy::ReconnectPolicy(const ReconnectOptions& options, std::uint32_t jitter_seed)
    : options_(options), random_(jitter_seed), bound_(options.first) {}

ReconnectPolicy::Verdict ReconnectPolicy::ended(Clock::time_point now, std::optional<Clock::time_point> came_up,
                                                bool explained) {
  if (came_up && now - *came_up >= options_.stable_after) bound_ = options_.first;
  // Where the next attempt finds nobody, the broker was gone; who throws us out leaves it there.
  if (!came_up && last_was_short_) short_links_.pop_back();
  last_was_short_ = came_up && now - *came_up < options_.short_link && !explained;
  if (last_was_short_) short_links_.push_back(now);
  while (!short_links_.empty() && now - short_links_.front() > options_.short_link_window) short_links_.pop_front();
  if (short_links_.empty()) last_was_short_ = false;

  if (short_links_.size() >= options_.short_links) return {options_.duplicate_delay + jitter(options_.limit), true};
  const Clock::duration delay = jitter(bound_);
  bound_ = std::min<Clock::duration>(bound_ * 2, options_.limit);
  return {delay, false};
}

ReconnectPolicy::Clock::duration ReconnectPolicy::jitter(Clock::duration bound) {
  return Clock::duration{std::uniform_int_distribution<Clock::rep>{0, bound.count()}(random_)};
}

}  // namespace beacon_gateway::mqtt
