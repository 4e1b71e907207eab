#include "tests/simulation/ledger.hpp"

#include <algorithm>

#include "messages/event_json.hpp"

namespace beacon_gateway_test {

using namespace beacon_gateway;  // NOLINT(google-build-using-namespace): a test's vocabulary

namespace {

constexpr int kRefusalsOfDeadLetter = 3;

template <class... Args>
void expect(bool holds, fmt::format_string<Args...> text, Args&&... args) {
  if (!holds) throw Violation{fmt::format(text, std::forward<Args>(args)...)};
}

}  // namespace

void Ledger::begin() {
  expect(open_.empty(), "a transaction within a transaction");
}

void Ledger::roll_back() {
  open_.clear();
}

void Ledger::recorded(const Event& event, std::int64_t sequence) {
  open_.emplace_back([this, one = RecordedEvent{event, sequence}] { book(one); });
}

void Ledger::row_ended(std::int64_t sequence, RowEnd how) {
  open_.emplace_back([this, sequence, how] { end(sequence, how); });
}

void Ledger::withdrawn(const ShopperId& shopper, Purpose purpose) {
  open_.emplace_back([this, shopper, purpose] { end_waiting(shopper, purpose); });
}

void Ledger::erased(const ShopperId& shopper) {
  open_.emplace_back([this, shopper] {
    end_waiting(shopper, std::nullopt);
    std::erase_if(triggers_of_day_, [&](const auto& one) { return one.first.first == shopper; });
    let_go(shopper);
  });
}

void Ledger::let_go(const ShopperId& shopper) {
  const auto open = open_visits_.find(shopper);
  if (open == open_visits_.end()) return;
  visits_.at(open->second).let_go = true;
  open_visits_.erase(open);
}

void Ledger::touched(const ShopperId& shopper) const {
  expect(questions_.ever_told_of(shopper), "something is written of {}, of whom nobody told", shopper.value());
}

void Ledger::commit(const OutboxTotals& totals) {
  const bool moved = !open_.empty();
  for (const auto& write : std::exchange(open_, {})) write();
  expect(!entering_, "visit.started without zone.entered of its zone, in one transaction");
  if (moved) compare(totals);
}

void Ledger::book(const RecordedEvent& one) {
  const Event& event = one.event;
  const auto newest = rows_.empty() ? 0 : rows_.rbegin()->first;
  story_->tell("event {}: {} {} {}", one.sequence, event_type(event.data), event.subject.value(),
               ordinal_key(event.data));
  expect(one.sequence == newest + 1, "sequence {} was given after {}", one.sequence, newest);
  const auto [known, is_new] = by_id_.emplace(event.id, one.sequence);
  expect(is_new, "event id {} of sequence {} was that of {} already", event.id, one.sequence, known->second);
  expect(event.time >= newest_, "event {} is older than the one before it", one.sequence);
  check_consent(event);
  check_visit(event);
  if (const auto* trigger = std::get_if<TriggerEvent>(&event.data)) check_trigger(event, *trigger);
  if (std::holds_alternative<ErasureEvent>(event.data)) check_receipt(event);
  newest_ = event.time;
  rows_.emplace(one.sequence,
                Row{event.id, event.subject, purpose_needed(event.data), expires_at(event.data), std::nullopt});
  waiting_.insert(one.sequence);
  ++totals_.recorded;
  ++totals_.waiting;
  if (texts_kept_) texts_.push_back(event_to_json(event, {name_, one.sequence, false}));
}

void Ledger::check_consent(const Event& event) const {
  const auto purpose = purpose_needed(event.data);
  if (!purpose) return;
  touched(event.subject);
  // The time of an event is never before the last one's, so a clock that was set back may push it past its instant.
  expect(questions_.may_be_permitted(event.subject, *purpose, event.time) ||
             questions_.may_be_permitted(event.subject, *purpose, questions_.gateway_time()),
         "{} for {} without live consent to {}", event_type(event.data), event.subject.value(), name(*purpose));
}

void Ledger::check_trigger(const Event& event, const TriggerEvent& trigger) {
  ++triggers_;
  const std::string& who = event.subject.value();
  expect(!questions_.paused(), "trigger {} for {} while paused", trigger.campaign, who);
  expect(trigger.trigger.expires_at > WallTime{}, "trigger {} for {} never expires", trigger.campaign, who);
  const int today = ++triggers_of_day_[{event.subject, trigger.trigger.date}];
  expect(today <= daily_cap_, "{} got {} triggers in one day, {} are allowed", who, today, daily_cap_);
  if (trigger.kind != CampaignKind::welcome) return;
  const int welcomes = ++visits_.at(event.visit_id).welcomes;
  expect(welcomes <= 1, "{} was welcomed {} times in one visit", who, welcomes);
}

// The grammar of a visit: started, entered; left and entered in turn; ended. Decisions anywhere.
void Ledger::check_visit(const Event& event) {
  if (std::holds_alternative<ErasureEvent>(event.data)) return;
  expect(!event.visit_id.empty(), "an event of {} bears no visit", event.subject.value());
  Visit& visit = visits_.try_emplace(event.visit_id, Visit{event.subject}).first->second;
  const auto where = [&] { return fmt::format("{} of {}", event_type(event.data), event.subject.value()); };
  expect(visit.shopper == event.subject, "{}: the visit is another shopper's", where());
  const auto entering = std::exchange(entering_, std::nullopt);
  if (const auto* started = std::get_if<VisitStartedEvent>(&event.data)) {
    expect(!visit.started, "{}: started twice", where());
    expect(!open_visits_.contains(event.subject), "{}: the one before it never ended", where());
    visit.started = true;
    open_visits_[event.subject] = event.visit_id;
    entering_ = {event.visit_id, started->zone};
  } else if (const auto* entered = std::get_if<ZoneEnteredEvent>(&event.data)) {
    expect(visit.started && !visit.ended && !visit.zone, "{}: not in an open visit, or in a zone already", where());
    expect(!entering || (*entering == std::pair{event.visit_id, entered->zone} && event.time == newest_),
           "{}: not what the visit.started before it announced", where());
    visit.zone = entered->zone;
  } else if (const auto* left = std::get_if<ZoneLeftEvent>(&event.data)) {
    expect(!visit.ended && visit.zone == left->zone, "{}: was not in {}", where(), left->zone);
    visit.zone.reset();
  } else if (std::holds_alternative<VisitEndedEvent>(event.data)) {
    expect(visit.started && !visit.ended && !visit.zone, "{}: not open, or a zone not left", where());
    visit.ended = true;
    if (!visit.let_go) open_visits_.erase(event.subject);
  }
  expect(!entering || visit.zone, "visit.started of {} is not followed by zone.entered", event.subject.value());
}

// The profile store has the erasure noted until the journey is through with it.
void Ledger::check_receipt(const Event& event) {
  const std::vector<UnfinishedErasure> unfinished = questions_.unfinished_erasures();
  const auto found = std::ranges::find_if(unfinished, [&](const UnfinishedErasure& one) {
    return one.tombstone_at && erasure_subject(name_, one.shopper_id) == event.subject;
  });
  expect(found != unfinished.end(), "receipt {} is of no erasure", event.id);
  const auto [known, is_new] = receipts_.emplace(event.subject, *found->tombstone_at);
  expect(is_new, "the erasure of {} is receipted a second time", found->shopper_id.value());
}

bool Ledger::receipted(const ShopperId& shopper, WallTime erased_at) const {
  return receipts_.contains({erasure_subject(name_, shopper), erased_at});
}

void Ledger::end(std::int64_t sequence, RowEnd how) {
  const auto found = rows_.find(sequence);
  expect(found != rows_.end(), "row {} ends and was never recorded", sequence);
  Row& row = found->second;
  // Erased or withdrawn while it was in flight: the store knows it no more, and the answer changes nothing.
  if (row.end == RowEnd::withdrawn) return;
  expect(!row.end, "row {} ends a second time", sequence);
  const WallTime now = questions_.gateway_time();
  switch (how) {
    case RowEnd::delivered:
      expect(row.reached, "row {} ends as delivered and never reached the broker", sequence);
      expect(row.confirmed || !receipts_required_, "row {} ends as delivered without its receipt", sequence);
      ++totals_.delivered;
      break;
    case RowEnd::expired:
      expect(row.expires_at && *row.expires_at <= now, "row {} ends as expired before its time", sequence);
      ++totals_.expired;
      break;
    case RowEnd::dead_letter:
      expect(row.refusals >= kRefusalsOfDeadLetter, "row {} is a dead letter after {} refusals", sequence,
             row.refusals);
      ++totals_.dead_letter;
      break;
    case RowEnd::evicted:
      expect(false, "row {} is evicted, and the outbox is within its bounds", sequence);
      break;
    case RowEnd::withdrawn:
      expect(row.purpose && !questions_.is_permitted(row.shopper, *row.purpose, now),
             "row {} ends as withdrawn, and consent lives", sequence);
      ++totals_.withdrawn;
      break;
  }
  row.end = how;
  waiting_.erase(sequence);
  --totals_.waiting;
}

void Ledger::end_waiting(const ShopperId& shopper, std::optional<Purpose> purpose) {
  std::vector<std::int64_t> gone;
  for (const std::int64_t sequence : waiting_) {
    const Row& row = rows_.at(sequence);
    if (row.shopper == shopper && (!purpose || row.purpose == purpose)) gone.push_back(sequence);
  }
  for (const std::int64_t sequence : gone) {
    rows_.at(sequence).end = RowEnd::withdrawn;
    waiting_.erase(sequence);
    ++totals_.withdrawn;
    --totals_.waiting;
  }
}

void Ledger::compare(const OutboxTotals& totals) const {
  const auto same = [](const char* what, std::int64_t ours, std::int64_t stores) {
    expect(ours == stores, "the store counts {} rows {}, the ledger {}", stores, what, ours);
  };
  same("recorded", totals_.recorded, totals.recorded);
  same("delivered", totals_.delivered, totals.delivered);
  same("expired", totals_.expired, totals.expired);
  same("dead_letter", totals_.dead_letter, totals.dead_letter);
  same("withdrawn", totals_.withdrawn, totals.withdrawn);
  same("waiting", totals_.waiting, totals.waiting);
}

void Ledger::compare_waiting(const std::vector<OutboxRow>& rows) const {
  expect(rows.size() == waiting_.size(), "{} rows wait in the store, {} should", rows.size(), waiting_.size());
  for (const OutboxRow& row : rows)
    expect(waiting_.contains(row.sequence) && rows_.at(row.sequence).id == row.id, "row {} should not wait",
           row.sequence);
}

void Ledger::handed_over(const OutboxRow& row, std::optional<std::chrono::seconds> remaining) {
  const WallTime now = questions_.gateway_time();
  expect(waiting_.contains(row.sequence), "row {} was sent, and does not wait", row.sequence);
  expect(!row.purpose || questions_.may_be_permitted(row.shopper_id, *row.purpose, now),
         "row {} of {} was sent without live consent to {}", row.sequence, row.shopper_id.value(),
         name(row.purpose.value_or(Purpose::presence)));
  expect(row.expires_at.has_value() == remaining.has_value(), "row {}: the broker has to know whether it expires",
         row.sequence);
  if (!remaining) return;
  expect(*row.expires_at > now, "row {} was sent after it had expired", row.sequence);
  expect(now + *remaining >= *row.expires_at && now + *remaining < *row.expires_at + std::chrono::seconds{1},
         "row {}: the broker was told a wrong rest", row.sequence);
}

void Ledger::confirmed(const std::vector<std::string>& ids) {
  for (const std::string& id : ids)
    if (const auto found = by_id_.find(id); found != by_id_.end()) rows_.at(found->second).confirmed = true;
}

// What nobody here knows ended nothing: the store's totals are compared at each commit.
void Ledger::check_confirmed(const std::vector<std::string>& ids) const {
  for (const std::string& id : ids)
    if (const auto found = by_id_.find(id); found != by_id_.end())
      expect(!waiting_.contains(found->second), "row {} waits on after its receipt", found->second);
}

void Ledger::close_the_day() const {
  expect(waiting_.empty(), "{} rows wait at the end of the day, the first is {}", waiting_.size(),
         waiting_.empty() ? 0 : *waiting_.begin());
  // Whose consent lapsed after the newest event may have left only then, untold.
  const auto agrees = [&](const ShopperId& shopper, WallTime at) {
    return questions_.is_permitted(shopper, Purpose::presence, at);
  };
  for (const auto& [shopper, visit] : open_visits_)
    expect(!agrees(shopper, newest_) || !agrees(shopper, questions_.gateway_time()), "the visit of {} never ended",
           shopper.value());
}

}  // namespace beacon_gateway_test
