#include "delivery.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"
#include "tests/unit/delivery_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

using Sequences = std::vector<std::int64_t>;

TEST_CASE("rows go in order, never more than the window at once") {
  DeliveryWorld world;
  world.record_zones(10);
  world.pump();
  CHECK(world.uplink.sent.empty());  // no link yet
  world.delivery.link_up();
  world.pump();
  CHECK(world.uplink.sequences_sent() == Sequences{1, 2, 3, 4});
  world.run_dry();
  CHECK(world.uplink.sequences_sent() == Sequences{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(world.uplink.most_unsettled == world.uplink.window());
  CHECK(world.journey.totals().delivered == 10);
  CHECK(world.counters[Count::sent] == 10);
  CHECK(world.counters[Count::delivered] == 10);
  CHECK(world.delivery.in_flight() == 0);
}

TEST_CASE("an uplink that takes nothing just now is asked again") {
  DeliveryWorld world;
  world.record_zones(2);
  world.delivery.link_up();
  world.uplink.up = false;
  world.pump();
  CHECK(world.uplink.sent.empty());
  world.uplink.up = true;
  world.run_dry();
  CHECK(world.uplink.sequences_sent() == Sequences{1, 2});
}

TEST_CASE("what was lost with the link is sent again, the rest is not") {
  DeliveryWorld world;
  world.record_zones(4);
  world.delivery.link_up();
  world.pump();
  world.uplink.answers = {{2, SendOutcome::lost}, {3, SendOutcome::lost}};
  while (world.settle_oldest()) continue;
  world.delivery.link_down();
  world.pump();
  CHECK(world.uplink.sent.size() == 4);
  world.uplink.answers.clear();
  world.delivery.link_up();
  world.run_dry();
  CHECK(world.uplink.sequences_sent() == Sequences{1, 2, 3, 4, 2, 3});
  CHECK(world.counters[Count::lost] == 2);
  CHECK(world.journey.totals().delivered == 4);
}

TEST_CASE("a row refused three times is a dead letter and blocks nobody") {
  DeliveryWorld world;
  world.record_zones(3);
  world.uplink.answers = {{2, SendOutcome::refused}};
  world.delivery.link_up();
  world.run_dry();
  CHECK(std::ranges::count(world.uplink.sequences_sent(), 2) == 3);
  CHECK(world.journey.totals().dead_letter == 1);
  CHECK(world.journey.totals().delivered == 2);
  CHECK(world.counters[Count::dead_letters] == 1);
}

TEST_CASE("a held row waits half a minute of real time while others go on") {
  DeliveryWorld world;
  world.record_zones(3);
  world.uplink.answers = {{1, SendOutcome::held}};
  world.delivery.link_up();
  world.run_dry();
  CHECK(world.journey.totals().delivered == 2);
  CHECK(world.counters[Count::held] == 1);
  world.uplink.answers.clear();
  world.run_dry(29s);
  CHECK(world.journey.totals().delivered == 2);
  world.run_dry(30s);
  CHECK(world.journey.totals().delivered == 3);
  CHECK(world.uplink.sequences_sent() == Sequences{1, 2, 3, 1});
}

TEST_CASE("a new link is a new chance for held rows") {
  DeliveryWorld world;
  world.record_zone();
  world.uplink.answers = {{1, SendOutcome::held}};
  world.delivery.link_up();
  world.run_dry();
  world.delivery.link_down();
  world.uplink.answers.clear();
  world.delivery.link_up();
  world.run_dry(1s);
  CHECK(world.journey.totals().delivered == 1);
}

TEST_CASE("what expires before it could be sent is counted and told, and never sent") {
  DeliveryWorld world;
  world.record_trigger(60s);
  world.record_zone();
  world.pump(60s);
  CHECK(world.journey.totals().expired == 1);
  CHECK(world.counters[Count::expired] == 1);
  CHECK(world.unsent == "1 expired; ");
  world.delivery.link_up();
  world.run_dry(60s);
  CHECK(world.uplink.sequences_sent() == Sequences{2});
}

TEST_CASE("the broker is told how long a row is still good, rounded up") {
  DeliveryWorld world;
  world.record_trigger(60s);
  world.record_zone();
  world.delivery.link_up();
  world.pump(100ms);
  REQUIRE(world.uplink.sent.size() == 2);
  CHECK(world.uplink.sent[0].remaining == 60s);
  CHECK_FALSE(world.uplink.sent[1].remaining);
}

TEST_CASE("what is in flight when it expires is the broker's: delivered, not expired, whichever comes first") {
  DeliveryWorld world;
  world.record_trigger(60s);
  world.delivery.link_up();
  world.pump();
  SECTION("the answer comes before the next pump") {
    CHECK(world.settle_oldest());
  }
  SECTION("a pump comes before the answer") {
    world.pump(61s);
    CHECK(world.settle_oldest());
  }
  world.pump(61s);
  CHECK(world.journey.totals().delivered == 1);
  CHECK(world.counters[Count::delivered] == 1);
  CHECK(world.counters[Count::expired] == 0);
  CHECK(world.unsent.empty());
}

TEST_CASE("what has waited for three days is evicted, whatever it is, and the receipt of an erasure waits on") {
  DeliveryWorld world;
  world.record_zone();
  world.record_trigger(100h);
  world.record_erasure();
  world.pump(72h - 1us);
  CHECK(world.journey.totals().waiting == 3);
  world.pump(72h);
  CHECK(world.unsent == "1 evicted; 2 evicted; ");
  CHECK(world.counters[Count::evicted] == 2);
  world.delivery.link_up();
  world.run_dry(1000h);
  CHECK(world.uplink.sequences_sent() == Sequences{3});
  CHECK(world.adds_up());
}

// Case 36: a clock that nobody trusts may be years ahead.
TEST_CASE("nothing expires while nobody knows the time, and nothing that may be too late is sent") {
  DeliveryWorld world;
  world.record_trigger(60s);
  world.record_zone();
  world.delivery.link_up();
  Instant ahead = at(24h * 365 * 3);
  ahead.quality = TimeQuality::untrusted;
  world.delivery.pump(ahead, at(1s).monotonic);
  CHECK(world.settle_oldest(1s));
  CHECK(world.uplink.sequences_sent() == Sequences{2});
  CHECK(world.journey.totals().waiting == 2);
  world.run_dry(31s);  // the clock was set, and it is not too late
  CHECK(world.uplink.sequences_sent() == Sequences{2, 1});
  CHECK(world.journey.totals().delivered == 2);
}

TEST_CASE("many rows expire at once, in more than one transaction") {
  DeliveryWorld world;
  for (int i = 0; i < 600; ++i) world.record_trigger(60s);
  for (int i = 0; i < 3; ++i) world.pump(61s);
  CHECK(world.journey.totals().expired == 600);
}

TEST_CASE("consent is asked again at the moment of sending") {
  DeliveryWorld world;
  world.know("s-2", {Purpose::presence}, kStart + 10s);
  world.know("s-3", {Purpose::welcome});
  world.record_zone("s-2");
  world.record_zone("s-3");  // no consent to presence
  world.record_trigger(60s, "s-3");
  world.record_zone("s-4");  // nobody we hold
  world.delivery.link_up();
  world.run_dry(10s);
  CHECK(world.uplink.sequences_sent() == Sequences{3});
  CHECK(world.journey.totals().withdrawn == 3);
  CHECK(world.counters[Count::withdrawn] == 3);
}

TEST_CASE("a row erased in flight ends once, as withdrawn") {
  DeliveryWorld world;
  world.record_zones(2);
  world.delivery.link_up();
  world.pump();
  const ShopperId gone = *ShopperId::parse("s-1");
  world.journey.transact([&] { world.journey.erase({&gone, 1}); });
  world.run_dry();
  CHECK(world.journey.totals().withdrawn == 2);
  CHECK(world.journey.totals().delivered == 0);
  CHECK(world.adds_up());
}

// Any sequence of events, answers, link changes, clock steps and withdrawals: in the end each row has ended exactly
// once, and on the way the window is kept and the books balance.
TEST_CASE("whatever happens, each row ends exactly once") {
  const bool held = rc::check("each row ends exactly once", [] {
    const auto policy = *rc::gen::element(ReceiptPolicy::off, ReceiptPolicy::optional, ReceiptPolicy::required);
    DeliveryWorld world{policy};
    world.uplink.rows_at_once = *rc::gen::inRange<std::size_t>(1, 5);
    Duration now{};
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 11));
    for (const int step : steps) {
      const auto outcome = *rc::gen::element(SendOutcome::accepted, SendOutcome::accepted, SendOutcome::refused,
                                             SendOutcome::held, SendOutcome::lost);
      if (step == 0) world.record_zone();
      if (step == 1) world.record_trigger(now + std::chrono::seconds{*rc::gen::inRange(0, 60)});
      if (step == 2) world.record_zone("s-2");  // without consent
      if (step == 3) world.delivery.link_up();
      if (step == 4) {
        world.delivery.link_down();
        for (const std::int64_t sequence : world.uplink.unsettled)
          world.delivery.settled(sequence, SendOutcome::lost, at(now).monotonic);
        world.uplink.unsettled.clear();
      }
      if (step == 5) now += std::chrono::seconds{*rc::gen::inRange(1, 40)};
      if (step == 6) world.uplink.up = !world.uplink.up;
      if (step == 7) world.receipt({*rc::gen::inRange<std::int64_t>(1, 10), 1}, now);
      if (step >= 8 && !world.uplink.unsettled.empty()) {
        world.uplink.answers[world.uplink.unsettled.front()] = outcome;
        (void)world.settle_oldest(now);
      }
      world.pump(now);
      RC_ASSERT(world.uplink.unsettled.size() <= world.uplink.window());
      RC_ASSERT(world.delivery.in_flight() == world.uplink.unsettled.size());
      RC_ASSERT(world.adds_up());
    }
    // A good day: every row gets its end.
    world.uplink.up = true;
    world.uplink.answers.clear();
    world.delivery.link_up();
    world.run_dry(now + 31s);
    world.run_dry(now + 62s);
    if (policy == ReceiptPolicy::required)
      for (std::int64_t sequence = 1; sequence <= world.journey.newest_sequence(); ++sequence)
        world.receipt({sequence}, now + 62s);
    const OutboxTotals totals = world.journey.totals();
    RC_ASSERT(totals.waiting == 0);
    RC_ASSERT(world.adds_up());
    const auto count = [&](Count what) { return static_cast<std::int64_t>(world.counters[what]); };
    RC_ASSERT(count(Count::delivered) == totals.delivered);
    RC_ASSERT(count(Count::expired) == totals.expired);
    RC_ASSERT(count(Count::dead_letters) == totals.dead_letter);
    RC_ASSERT(count(Count::withdrawn) == totals.withdrawn);
  });
  CHECK(held);
}
