#include "tests/simulation/simulated_broker.hpp"

#include <array>

namespace beacon_gateway_test {

using namespace beacon_gateway;  // NOLINT(google-build-using-namespace): a test's vocabulary
using namespace std::chrono_literals;

namespace {

// One row in so many is one that the broker will never take.
constexpr std::uint64_t kPoisonEvery = 61;
// MqttTiming::acknowledgement_deadline.
constexpr Duration kAnswerWithin = 15s;
constexpr Duration kReceiptWithin = 30s;  // contract 3.4

std::string_view name(SendOutcome outcome) {
  constexpr std::array<std::string_view, 4> kNames{"accepted", "refused", "held", "lost"};
  return kNames[static_cast<std::size_t>(outcome)];
}

}  // namespace

SimulatedBroker::SimulatedBroker(std::uint64_t seed, Ledger& ledger, Story& story)
    : dice_(seed, DiceFor::broker),
      poison_(dice_.roll() % kPoisonEvery),
      ledger_(ledger),
      story_(story),
      window_(static_cast<std::size_t>(dice_.between(1, 6))) {}

bool SimulatedBroker::send(const OutboxRow& row, std::optional<std::chrono::seconds> remaining) {
  if (!up_ || (!friendly_ && dice_.percent(2))) return false;
  if (in_flight_.size() >= window_) throw Violation{fmt::format("more than {} rows in flight", window_)};
  if (const auto accepted = accepted_at_.find(row.sequence);
      accepted != accepted_at_.end() && now_ - accepted->second < kReceiptWithin)
    throw Violation{fmt::format("row {} goes again though its receipt may still come", row.sequence)};
  ledger_.handed_over(row, remaining);
  story_.tell("row {} is handed over", row.sequence);
  in_flight_.insert(row.sequence);
  if (friendly_) {
    reach(row);
    answer(row.sequence, SendOutcome::accepted, {});
    return true;
  }
  if (static_cast<std::uint64_t>(row.sequence) % kPoisonEvery == poison_) {
    ledger_.refused(row.sequence);
    answer(row.sequence, SendOutcome::refused, 2s);
    return true;
  }
  const int fate = dice_.between(1, 100);
  if (fate <= 3) {  // never comes there
    leave_unanswered();
  } else if (fate <= 7) {
    answer(row.sequence, SendOutcome::held, 2s);
  } else if (fate <= 9) {
    ledger_.refused(row.sequence);
    answer(row.sequence, SendOutcome::refused, 2s);
  } else {
    reach(row);
    if (fate > 12)
      answer(row.sequence, SendOutcome::accepted, 3s);
    else
      leave_unanswered();
  }
  return true;
}

void SimulatedBroker::reach(const OutboxRow& row) {
  ledger_.reached_the_broker(row.sequence);
  reached_.push_back(row.id);
}

void SimulatedBroker::leave_unanswered() {
  if (!dead_at_) dead_at_ = now_ + kAnswerWithin;
}

void SimulatedBroker::answer(std::int64_t sequence, SendOutcome outcome, Duration within) {
  const Duration at = now_ + dice_.between(Duration{}, within);
  answers_.emplace(at, Answer{sequence, outcome, false});
  if (!friendly_ && outcome == SendOutcome::accepted && dice_.percent(8))
    answers_.emplace(at + dice_.between(Duration{}, 20s), Answer{sequence, outcome, true});
}

std::vector<std::int64_t> SimulatedBroker::go_down() {
  up_ = false;
  dead_at_.reset();
  answers_.clear();
  const std::set<std::int64_t> lost = std::exchange(in_flight_, {});
  return {lost.begin(), lost.end()};
}

std::optional<Duration> SimulatedBroker::next_answer() const {
  if (answers_.empty()) return std::nullopt;
  return answers_.begin()->first;
}

SimulatedBroker::Answer SimulatedBroker::take_answer() {
  const Answer result = answers_.begin()->second;
  answers_.erase(answers_.begin());
  if (!result.again) in_flight_.erase(result.sequence);
  if (!result.again && result.outcome == SendOutcome::accepted) accepted_at_[result.sequence] = now_;
  story_.tell("row {} is answered: {}{}", result.sequence, name(result.outcome), result.again ? ", again" : "");
  return result;
}

}  // namespace beacon_gateway_test
