#include "delivery.hpp"

#include <algorithm>

namespace beacon_gateway {
namespace {

// Three refusals of the same row are no accident: it would block its place for ever.
constexpr int kMostRefusals = 3;
// A broker that does not take something now (not authorised, quota) needs a person: no hurry, and no hammering.
constexpr Duration kHeldFor = std::chrono::seconds{30};
// Contract 3.4. A trigger of two minutes goes three times; an orchestrator that is away for a day is not met by a
// thousand copies of each event, which would push new ones out of the broker's queue.
constexpr Duration kReceiptWithin = std::chrono::seconds{30};
constexpr Duration kLongestPause = std::chrono::minutes{15};
// Rows expired at once in one transaction; the rest follow in the next.
constexpr std::size_t kExpiryBatch = 256;

std::chrono::seconds remaining(WallTime expires_at, WallTime now) {
  // Rounded up: the broker must not drop what is still good for a moment.
  return std::chrono::ceil<std::chrono::seconds>(expires_at - now);
}

Count count_of(RowEnd end) {
  switch (end) {
    case RowEnd::delivered:
      return Count::delivered;
    case RowEnd::expired:
      return Count::expired;
    case RowEnd::dead_letter:
      return Count::dead_letters;
    case RowEnd::evicted:
      return Count::evicted;
    case RowEnd::withdrawn:
      break;
  }
  return Count::withdrawn;
}

}  // namespace

Delivery::Delivery(JourneyStore& journey, ProfileStore& profiles, Uplink& uplink, Counters& counters,
                   TellUnsent tell_unsent, ReceiptPolicy receipts)
    : journey_(journey),
      profiles_(profiles),
      uplink_(uplink),
      counters_(counters),
      tell_unsent_(std::move(tell_unsent)),
      receipts_(receipts) {}

void Delivery::link_up() {
  linked_ = true;
}

// A new link is a new chance for what was held. What the broker had accepted stays its own: only a receipt, or the lack
// of one, says what became of it.
void Delivery::link_down() {
  linked_ = false;
  for (auto& [sequence, row] : open_)
    if (row.stage == OpenRow::Stage::held) again(sequence, row);
}

void Delivery::again(std::int64_t sequence, OpenRow& row) {
  due_.erase({row.due, sequence});
  row.stage = OpenRow::Stage::again;
  again_.insert(sequence);
}

void Delivery::wait(std::int64_t sequence, OpenRow& row, OpenRow::Stage stage, MonotonicTime due) {
  due_.erase({row.due, sequence});
  row.stage = stage;
  row.due = due;
  due_.emplace(due, sequence);
}

bool Delivery::is_in_flight(std::int64_t sequence) const {
  const auto found = open_.find(sequence);
  return found != open_.end() && found->second.stage == OpenRow::Stage::in_flight;
}

Delivery::OpenRow& Delivery::open(std::int64_t sequence) {
  return open_.try_emplace(sequence, OpenRow{.pause = kReceiptWithin}).first->second;
}

void Delivery::settled(std::int64_t sequence, SendOutcome outcome, MonotonicTime real_now) {
  const auto found = open_.find(sequence);
  if (found == open_.end() || found->second.stage != OpenRow::Stage::in_flight) return;
  OpenRow& row = found->second;
  --in_flight_;
  row.stage = OpenRow::Stage::again;  // unless it waits or ends
  if (row.processed) return forget(sequence);
  switch (outcome) {
    case SendOutcome::accepted:
      receipt_watch_.published(real_now);
      if (receipts_ != ReceiptPolicy::required) return end(sequence, RowEnd::delivered);
      denied_.erase(sequence);
      row.refusals = 0;
      row.published = true;
      wait(sequence, row, OpenRow::Stage::published, real_now + row.pause);
      row.pause = std::min(row.pause * 2, kLongestPause);
      return;
    case SendOutcome::refused:
      if (++row.refusals < kMostRefusals) return again(sequence, row);
      return end(sequence, RowEnd::dead_letter);
    case SendOutcome::held:
      counters_.add(Count::held);
      denied_.insert(sequence);
      return wait(sequence, row, OpenRow::Stage::held, real_now + kHeldFor);
    case SendOutcome::lost:
      counters_.add(Count::lost);
      return again(sequence, row);
  }
}

void Delivery::processed(const std::vector<std::string>& event_ids, MonotonicTime real_now) {
  if (receipts_ == ReceiptPolicy::off || event_ids.empty()) return;
  counters_.add(Count::receipts, event_ids.size());
  write_ends();  // first: what has ended waits no more
  for (const std::string& id : std::set(event_ids.begin(), event_ids.end()))
    if (const auto sequence = journey_.waiting_sequence(id)) end(*sequence, RowEnd::delivered);
  write_ends();
  if (!receipt_watch_.received()) return;
  // It is back: what the broker kept for it comes first, and what the broker lost need not wait out a long pause.
  for (auto& [sequence, row] : open_) {
    row.pause = kReceiptWithin;
    if (row.stage == OpenRow::Stage::published)
      wait(sequence, row, row.stage, std::min(row.due, real_now + kReceiptWithin));
  }
}

// What is in flight keeps its place in the window until the broker answers.
void Delivery::end(std::int64_t sequence, RowEnd how) {
  if (is_in_flight(sequence)) {
    OpenRow& row = open_.at(sequence);
    if (row.processed) return;
    row.processed = true;
  } else {
    forget(sequence);
  }
  ends_.emplace_back(sequence, how);
}

void Delivery::forget(std::int64_t sequence) {
  const auto found = open_.find(sequence);
  if (found == open_.end()) return;
  due_.erase({found->second.due, sequence});
  again_.erase(sequence);
  denied_.erase(sequence);
  open_.erase(found);
}

void Delivery::pump(const Instant& now, MonotonicTime real_now) {
  receipts_missing_ = receipt_watch_.missing(real_now) && receipts_ != ReceiptPolicy::off;
  wake(real_now);
  write_ends();  // first: what was delivered cannot expire
  expire(now);
  if (linked_) hand_over(now, real_now);
  write_ends();
}

void Delivery::wake(MonotonicTime real_now) {
  while (!due_.empty() && due_.begin()->first <= real_now) {
    const std::int64_t sequence = due_.begin()->second;
    again(sequence, open_.at(sequence));
  }
}

void Delivery::write_ends() {
  if (ends_.empty()) return;
  journey_.transact([&] {
    for (const auto& [sequence, end] : ends_) journey_.end_row(sequence, end);
  });
  for (const auto& [sequence, end] : ends_) counters_.add(count_of(end));
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
  std::erase_if(rows, [&](const OutboxRow& row) { return is_in_flight(row.sequence); });
  if (rows.empty()) return;
  const auto was_published = [&](const OutboxRow& row) {
    const auto found = open_.find(row.sequence);
    return found != open_.end() && found->second.published;
  };
  const auto has_expired = [&](const OutboxRow& row) { return row.expires_at && *row.expires_at <= now.wall; };
  journey_.transact([&] {
    for (const OutboxRow& row : rows) {
      const Outcome outcome = has_expired(row) ? Outcome::expired : Outcome::evicted;
      if (tell_unsent_) tell_unsent_(row, outcome, was_published(row) ? "no_receipt" : "", now);
      journey_.end_row(row.sequence, has_expired(row) ? RowEnd::expired : RowEnd::evicted);
    }
  });
  for (const OutboxRow& row : rows) {
    counters_.add(has_expired(row) ? Count::expired : Count::evicted);
    if (has_expired(row) && was_published(row)) counters_.add(Count::expired_without_receipt);
    forget(row.sequence);
  }
  expiry_known_up_to_ = -1;
}

void Delivery::hand_over(const Instant& now, MonotonicTime real_now) {
  hand_over_again(now, real_now);
  while (in_flight_ < uplink_.window() && handed_ < journey_.newest_sequence()) {
    const auto rows = journey_.waiting_after(handed_, uplink_.window());
    if (rows.empty()) {
      handed_ = journey_.newest_sequence();
      return;
    }
    for (const OutboxRow& row : rows) {
      if (in_flight_ >= uplink_.window()) return;
      if (may_send(row, now, real_now) && !hand_over(row, now)) return;
      handed_ = row.sequence;
    }
  }
}

void Delivery::hand_over_again(const Instant& now, MonotonicTime real_now) {
  for (auto next = again_.begin(); next != again_.end() && in_flight_ < uplink_.window();) {
    const std::int64_t sequence = *next++;  // what is sent or forgotten leaves `again_`
    const auto rows = journey_.waiting_after(sequence - 1, 1);
    if (rows.empty() || rows.front().sequence != sequence)
      forget(sequence);  // erased or withdrawn meanwhile
    else if (may_send(rows.front(), now, real_now) && !hand_over(rows.front(), now))
      return;
  }
}

// False: the uplink takes nothing just now.
bool Delivery::hand_over(const OutboxRow& row, const Instant& now) {
  if (!uplink_.send(row, row.expires_at ? std::optional{remaining(*row.expires_at, now.wall)} : std::nullopt))
    return false;
  OpenRow& handed = open(row.sequence);
  handed.stage = OpenRow::Stage::in_flight;
  again_.erase(row.sequence);
  ++in_flight_;
  counters_.add(Count::sent);
  if (handed.published) counters_.add(Count::sent_again_without_receipt);
  return true;
}

// Consent is asked again at the last moment; what may not be sent any more ends here.
bool Delivery::may_send(const OutboxRow& row, const Instant& now, MonotonicTime real_now) {
  if (row.expires_at && *row.expires_at <= now.wall) {
    expiry_known_up_to_ = -1;                   // the next pump ends it
    if (now.quality == TimeQuality::untrusted)  // or not: who knows the time?
      wait(row.sequence, open(row.sequence), OpenRow::Stage::held, real_now + kHeldFor);
    return false;
  }
  if (!row.purpose) return true;
  const auto stored = profiles_.find(row.shopper_id);
  if (stored && consents_to(stored->profile, *row.purpose, now.wall)) return true;
  end(row.sequence, RowEnd::withdrawn);
  return false;
}

Warnings Delivery::warnings() const {
  Warnings result;
  if (receipts_missing_)
    result.push_back({warning::kNoConsumer,
                      "the broker takes events, but for five minutes no receipt has come from the orchestrator: is it "
                      "running, subscribed to our events and publishing to our topic `receipts`?"});
  if (!denied_.empty())
    result.push_back({warning::kEventsHeld,
                      "the broker does not take " + std::to_string(denied_.size()) +
                          " events: allow this gateway to publish them in its access rules (ACL), or raise its quota; "
                          "they are tried again every 30 s"});
  return result;
}

}  // namespace beacon_gateway
