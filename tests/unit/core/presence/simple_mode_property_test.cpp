// What holds for every walk in simple mode
#include <rapidcheck.h>

#include "core/presence/presence.hpp"
#include "tests/catch.hpp"
#include "tests/unit/core/presence/walk.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

// Checks each change as it comes, and that every promise was kept at the end.
class Auditor {
 public:
  void take(const Told& told) {
    RC_ASSERT(told.seconds >= now_);
    now_ = told.seconds;
    std::visit([&](const auto& change) { take(change); }, told.change);
  }

  [[nodiscard]] int visits() const { return visits_; }

 private:
  void take(const VisitStarted& change) {
    RC_ASSERT_FALSE(visiting_);
    RC_ASSERT(change.sightings >= 3);
    visiting_ = true;
    ++visits_;
    started_ = now_;
    dwelled_ = {};
  }
  void take(const ZoneEntered& change) {
    RC_ASSERT(visiting_);
    RC_ASSERT_FALSE(zone_.has_value());
    zone_ = change.zone;
    covered_ = {};
  }
  void take(const ZoneDwelled& change) {
    RC_ASSERT(zone_ == change.zone);
    RC_ASSERT(change.from == covered_);  // no instant of a stay twice, none left out
    RC_ASSERT(change.to >= change.from);
    covered_ = change.to;
  }
  void take(const ZoneLeft& change) {
    RC_ASSERT(zone_ == change.zone);
    RC_ASSERT(change.dwell >= covered_);
    dwelled_[change.zone] += change.dwell;
    zone_.reset();
  }
  void take(const VisitEnded& change) {
    RC_ASSERT(visiting_);
    RC_ASSERT_FALSE(zone_.has_value());
    RC_ASSERT(seconds_of(change.started) == started_);
    Duration sum{};
    for (const auto& [zone, dwell] : change.dwell) {
      RC_ASSERT(dwell == dwelled_[zone]);
      sum += dwell;
    }
    RC_ASSERT(sum <= change.left.monotonic - change.started.monotonic);
    visiting_ = false;
  }

  double now_ = 0;
  bool visiting_ = false;
  int visits_ = 0;
  double started_ = 0;
  std::optional<ZoneIndex> zone_;
  Duration covered_{};
  std::array<Duration, 2> dwelled_{};
};

// Mostly some seconds, now and then a long silence.
std::int64_t pause_ms(std::uint16_t lot) {
  return lot % 16 == 0 ? lot % 900 * 1000 : lot % 20'000;
}

}  // namespace

TEST_CASE("on every walk visits and stays alternate, dwells add up and no deadline lies in the past") {
  REQUIRE(rc::check([](const std::vector<std::array<std::uint16_t, 3>>& steps, bool short_visits) {
    Shop shop = small_shop();
    if (short_visits) shop.visit = {3, 40s, 40s};
    Walk walk{shop};
    Auditor auditor;
    std::size_t audited = 0;
    std::int64_t now_ms = 0;
    const auto audit = [&] {
      for (; audited < walk.told().size(); ++audited) auditor.take(walk.told()[audited]);
      const double newest = walk.told().empty() ? 0 : walk.told().back().seconds;
      if (const auto due = walk.deadline()) RC_ASSERT(*due >= newest);
    };
    for (const auto& [pause, scanner, loudness] : steps) {
      now_ms += pause_ms(pause);
      const double now = static_cast<double>(now_ms) / 1000;
      while (walk.deadline().value_or(now + 1) <= now) {
        walk.pass_deadline();
        audit();
      }
      walk.hear({{now, static_cast<ScannerIndex>(scanner % 3), -40 - (loudness % 50)}});
      audit();
      RC_ASSERT(walk.deadline().value() > now);
    }
    while (walk.deadline()) {
      walk.pass_deadline();
      audit();
    }
    RC_ASSERT(Presence::empty(walk.track()));
    RC_CLASSIFY(auditor.visits() > 1, "several visits");
  }));
}
