#include "delivery.hpp"

#include <algorithm>

namespace beacon_gateway {
namespace {

// Three refusals of the same row are no accident: it would block its place for ever.
constexpr int kMostRefusals = 3;
// A broker that does not take something now (not authorised, quota) needs a person: no hurry, and no hammering.
constexpr Duration kHeldFor = std::chrono::seconds{30};
// Rows expired at once in one transaction; the rest follow in the next.
constexpr std::size_t kExpiryBatch = 256;

std::chrono::seconds remaining(WallTime expires_at, WallTime now) {
  // Rounded up: the broker must not drop what is still good for a moment.
  return std::chrono::ceil<std::chrono::seconds>(expires_at - now);
}

}  // namespace

Delivery::Delivery(JourneyStore& journey, ProfileStore& profiles, Uplink& uplink, Counters& counters,
                   TellUnsent tell_unsent)
    : journey_(journey),
      profiles_(profiles),
      uplink_(uplink),
      counters_(counters),
      tell_unsent_(std::move(tell_unsent)) {}

void Delivery::link_up() {
  linked_ = true;
}

void Delivery::link_down() {
  linked_ = false;
  retry_held_at_.reset();
  for (const std::int64_t sequence : held_) handed_ = std::min(handed_, sequence - 1);
  held_.clear();
}

void Delivery::again(std::int64_t sequence) {
  handed_ = std::min(handed_, sequence - 1);
}

void Delivery::hold(std::int64_t sequence, MonotonicTime real_now) {
  held_.insert(sequence);
  if (!retry_held_at_) retry_held_at_ = real_now + kHeldFor;
}

void Delivery::settled(std::int64_t sequence, SendOutcome outcome, MonotonicTime real_now) {
  if (in_flight_.erase(sequence) == 0) return;
  switch (outcome) {
    case SendOutcome::accepted:
      refusals_.erase(sequence);
      ends_.emplace_back(sequence, RowEnd::delivered);
      return;
    case SendOutcome::refused:
      if (++refusals_[sequence] < kMostRefusals) return again(sequence);
      refusals_.erase(sequence);
      ends_.emplace_back(sequence, RowEnd::dead_letter);
      return;
    case SendOutcome::held:
      counters_.add(Count::held);
      return hold(sequence, real_now);
    case SendOutcome::lost:
      counters_.add(Count::lost);
      return again(sequence);
  }
}

void Delivery::pump(const Instant& now, MonotonicTime real_now) {
  if (retry_held_at_ && *retry_held_at_ <= real_now) {
    retry_held_at_.reset();
    for (const std::int64_t sequence : held_) again(sequence);
    held_.clear();
  }
  write_ends();  // first: what was delivered cannot expire
  expire(now);
  if (linked_) hand_over(now, real_now);
  write_ends();
}

void Delivery::write_ends() {
  if (ends_.empty()) return;
  journey_.transact([&] {
    for (const auto& [sequence, end] : ends_) journey_.end_row(sequence, end);
  });
  for (const auto& [sequence, end] : ends_)
    counters_.add(end == RowEnd::delivered     ? Count::delivered
                  : end == RowEnd::dead_letter ? Count::dead_letters
                                               : Count::withdrawn);
  ends_.clear();
  expiry_known_up_to_ = -1;
}

// What is in flight is left to the broker, which was told how long it may keep it. Nothing expires by a clock that
// nobody trusts: one step of it would end everything that waits.
void Delivery::expire(const Instant& now) {
  if (now.quality == TimeQuality::untrusted) return;
  if (expiry_known_up_to_ != journey_.newest_sequence()) {
    next_expiry_ = journey_.next_expiry();
    expiry_known_up_to_ = journey_.newest_sequence();
  }
  if (!next_expiry_ || now.wall < *next_expiry_) return;
  std::vector<OutboxRow> rows = journey_.expired_at(now.wall, kExpiryBatch);
  std::erase_if(rows, [&](const OutboxRow& row) { return in_flight_.contains(row.sequence); });
  if (rows.empty()) return;
  const auto has_expired = [&](const OutboxRow& row) { return row.expires_at && *row.expires_at <= now.wall; };
  journey_.transact([&] {
    for (const OutboxRow& row : rows) {
      if (tell_unsent_) tell_unsent_(row, has_expired(row) ? Outcome::expired : Outcome::evicted, now);
      journey_.end_row(row.sequence, has_expired(row) ? RowEnd::expired : RowEnd::evicted);
    }
  });
  for (const OutboxRow& row : rows) {
    held_.erase(row.sequence);
    refusals_.erase(row.sequence);
    counters_.add(has_expired(row) ? Count::expired : Count::evicted);
  }
  expiry_known_up_to_ = -1;
}

void Delivery::hand_over(const Instant& now, MonotonicTime real_now) {
  while (in_flight_.size() < uplink_.window() && handed_ < journey_.newest_sequence()) {
    const auto rows = journey_.waiting_after(handed_, uplink_.window());
    if (rows.empty()) {
      handed_ = journey_.newest_sequence();
      return;
    }
    for (const OutboxRow& row : rows) {
      if (in_flight_.size() >= uplink_.window()) return;
      const bool busy = in_flight_.contains(row.sequence) || held_.contains(row.sequence);
      if (!busy && may_send(row, now, real_now)) {
        if (!uplink_.send(row, row.expires_at ? std::optional{remaining(*row.expires_at, now.wall)} : std::nullopt))
          return;
        in_flight_.insert(row.sequence);
        counters_.add(Count::sent);
      }
      handed_ = row.sequence;
    }
  }
}

// Consent is asked again at the last moment; what may not be sent any more ends here.
bool Delivery::may_send(const OutboxRow& row, const Instant& now, MonotonicTime real_now) {
  if (row.expires_at && *row.expires_at <= now.wall) {
    expiry_known_up_to_ = -1;                                                 // the next pump ends it
    if (now.quality == TimeQuality::untrusted) hold(row.sequence, real_now);  // or not: who knows the time?
    return false;
  }
  if (!row.purpose) return true;
  const auto stored = profiles_.find(row.shopper_id);
  if (stored && consents_to(stored->profile, *row.purpose, now.wall)) return true;
  refusals_.erase(row.sequence);
  ends_.emplace_back(row.sequence, RowEnd::withdrawn);
  return false;
}

}  // namespace beacon_gateway
