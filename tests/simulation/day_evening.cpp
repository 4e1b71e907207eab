// The end of a day: faults end, all that is open has to end too, and what is held has to be what was told.
#include "tests/simulation/day.hpp"

namespace beacon_gateway_test {

using namespace std::chrono_literals;

namespace {

constexpr Duration kEvening = 4h;  // after the day, without faults: longer than any expiry, lease and visit
// Memory of what was heard lately is bounded; what profiles take comes on top and is small here.
constexpr std::size_t kMostIndexOctets = 8U << 20U;

// UUID, major and minor of the first stranger's iBeacon, as octets.
std::string stranger() {
  constexpr std::size_t kFrom = 6;
  constexpr std::size_t kLength = 20;
  const Payload payload = ibeacon(kFirstStranger);
  const auto octets = payload.bytes().subspan(kFrom, kLength);
  return {octets.begin(), octets.end()};
}

}  // namespace

// No more faults: what is open ends, what waits is delivered, what was missed is told.
void Day::evening() {
  evening_ = true;
  mortality_.die_after(std::nullopt);
  broker_.set_friendly(true);
  receipts_.set_friendly(true);
  story_.tell("evening");
  if (!process_) step([this] { start_process(); });
  step([this] {
    process_->gateway.pause(false);
    wall_error_ = {};
    quality_ = TimeQuality::trusted;
    link_down();  // what was never answered will never be
    link_up();
    if (capture_) process_->gateway.finish();
  });
  for (const Duration until = now_ + kEvening; now_ < until;) {
    now_ += broker_.next_answer() ? 1s : kIdleTurn * 3;
    story_.set_time(now_);
    broker_.set_time(now_);
    step([this] {
      while (broker_.next_answer()) settle();
    });
  }
  check_evening();
}

void Day::check_evening() {
  const auto expect = [](bool holds, const char* text) {
    if (!holds) throw Violation{text};
  };
  process_->gateway.save();
  ledger_.compare_waiting(disk_.journey().waiting_after(0, kRowsCompared));
  ledger_.close_the_day();
  expect(process_->gateway.open_visits() == 0, "a visit is open at the end of the day");
  expect(process_->delivery.in_flight() == 0, "a row is in flight at the end of the day");
  for (const SavedTrack& saved : disk_.journey().tracks(process_->gateway.now()))
    if (!capture_) throw Violation{fmt::format("{} is followed at the end of the day", saved.shopper_id.value())};
  expect(process_->gateway.holding().index_octets < kMostIndexOctets, "what was heard takes too much memory");
  expect(!disk_.holds(stranger()), "a stranger's identifier is in the store");
  if (!capture_) check_convergence();
}

// What the orchestrator knows in the end is what the gateway holds.
void Day::check_convergence() {
  if (process_->gateway.revision() != orchestrator_.revision())
    throw Violation{fmt::format("the gateway holds revision {}, the orchestrator {}", process_->gateway.revision(),
                                orchestrator_.revision())};
  for (const ShopperId& shopper : orchestrator_.shoppers()) {
    const Profile* known = orchestrator_.profile(shopper, orchestrator_.revision());
    const auto held = disk_.profiles().find(shopper);
    const bool same = known == nullptr || known->consents.empty() ? !held || held->profile.consents.empty()
                                                                  : held && held->profile.consents == known->consents;
    if (!same) throw Violation{fmt::format("what is held of {} is not what the orchestrator knows", shopper.value())};
    const bool staff = orchestrator_.profile(shopper, 0)->staff;  // yield no events
    const auto tombstone = disk_.profiles().tombstone(shopper);
    if (!staff && tombstone && !ledger_.receipted(shopper, tombstone->erased_at))
      throw Violation{fmt::format("the erasure of {} was never receipted", shopper.value())};
    if (known == nullptr && !disk_.journey().history(shopper).empty())
      throw Violation{fmt::format("caps of {} outlive the erasure", shopper.value())};
  }
}

}  // namespace beacon_gateway_test
