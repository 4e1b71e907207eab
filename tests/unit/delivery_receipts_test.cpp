// What becomes of a row between the broker's answer and the orchestrator's receipt.
#include "tests/catch.hpp"
#include "tests/unit/delivery_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

using Sequences = std::vector<std::int64_t>;

TEST_CASE("with receipts required a row is done at its receipt and not before") {
  DeliveryWorld world{ReceiptPolicy::required};
  world.record_zones(3);
  world.delivery.link_up();
  world.run_dry();
  CHECK(world.journey.totals().waiting == 3);
  CHECK(world.delivery.in_flight() == 0);
  world.receipt({1, 3});
  CHECK(world.journey.totals().delivered == 2);
  CHECK(world.journey.totals().waiting == 1);
  world.receipt({1, 3});  // a repeat
  world.receipt({2, 2});
  CHECK(world.journey.totals().delivered == 3);
  CHECK(world.counters[Count::delivered] == 3);
  CHECK(world.counters[Count::receipts] == 6);
  CHECK(world.uplink.sequences_sent() == Sequences{1, 2, 3});
}

TEST_CASE("without its receipt a row goes again 30 s after the broker took it, then at twice the pause each time") {
  DeliveryWorld world{ReceiptPolicy::required};
  world.record_zones(2);
  world.delivery.link_up();
  world.run_dry();
  world.receipt({1});
  world.run_dry(29s);
  CHECK(world.uplink.sequences_sent() == Sequences{1, 2});
  world.run_dry(30s);
  CHECK(world.uplink.sequences_sent() == Sequences{1, 2, 2});
  world.run_dry(89s);
  CHECK(world.uplink.sent.size() == 3);
  world.run_dry(90s);
  CHECK(world.uplink.sent.size() == 4);
  // A day of an orchestrator that is away: every quarter of an hour, for ever.
  for (Duration now = 91s; now < 24h; now += 1s) world.run_dry(now);
  CHECK(world.uplink.sent.size() >= 98);
  CHECK(world.uplink.sent.size() <= 102);
  CHECK(world.counters[Count::sent_again_without_receipt] == world.uplink.sent.size() - 2);
  world.receipt({2}, 24h);
  CHECK(world.journey.totals().delivered == 2);
}

TEST_CASE("a trigger goes until it expires, the broker told what remains, and its end is counted and explained") {
  DeliveryWorld world{ReceiptPolicy::required};
  world.record_trigger(120s);
  world.delivery.link_up();
  for (Duration now = 0s; now < 200s; now += 1s) world.run_dry(now);
  REQUIRE(world.uplink.sent.size() == 3);
  CHECK(world.uplink.sent[1].remaining == 90s);
  CHECK(world.uplink.sent[2].remaining == 30s);
  CHECK(world.journey.totals().expired == 1);
  CHECK(world.counters[Count::expired_without_receipt] == 1);
  const auto decisions = world.journey.decisions(*ShopperId::parse("s-1"), 10);
  REQUIRE(decisions.size() == 1);
  CHECK(decisions[0].outcome == "expired");
  CHECK(decisions[0].reason == "no_receipt");
  CHECK(world.adds_up());
}

TEST_CASE("a receipt that overtakes the broker's answer ends the row once, and keeps its place in the window") {
  const auto answer = GENERATE(SendOutcome::accepted, SendOutcome::lost, SendOutcome::refused, SendOutcome::held);
  const auto policy = GENERATE(ReceiptPolicy::required, ReceiptPolicy::optional);
  DeliveryWorld world{policy};
  world.record_zone();
  world.uplink.answers = {{1, answer}};
  world.delivery.link_up();
  world.pump();
  world.receipt({1});
  CHECK(world.delivery.in_flight() == 1);
  world.run_dry(1h);
  CHECK(world.delivery.in_flight() == 0);
  CHECK(world.uplink.sent.size() == 1);
  CHECK(world.journey.totals().delivered == 1);
  CHECK(world.counters[Count::delivered] == 1);
  CHECK(world.delivery.warnings().empty());
}

TEST_CASE("answer and receipt of a row together end it once") {
  DeliveryWorld world{ReceiptPolicy::optional};
  world.record_zone();
  world.delivery.link_up();
  world.pump();
  CHECK(world.settle_oldest());
  world.receipt({1});
  world.pump();
  CHECK(world.counters[Count::delivered] == 1);
  CHECK(world.journey.totals().delivered == 1);
}

TEST_CASE("a row whose answer was lost with the link ends at the receipt that came all the same") {
  DeliveryWorld world{ReceiptPolicy::optional};
  world.record_zone();
  world.delivery.link_up();
  world.pump();
  world.uplink.answers = {{1, SendOutcome::lost}};
  CHECK(world.settle_oldest());
  world.delivery.link_down();
  world.receipt({1});
  world.delivery.link_up();
  world.run_dry();
  CHECK(world.uplink.sent.size() == 1);
  CHECK(world.journey.totals().delivered == 1);
}

TEST_CASE("after a restart what has no receipt goes again, and a receipt for what was sent before still counts") {
  DeliveryWorld world{ReceiptPolicy::required};
  world.record_zones(2);
  world.delivery.link_up();
  world.run_dry();
  Delivery restarted{world.journey, world.profiles, world.uplink, world.counters, {}, ReceiptPolicy::required};
  restarted.processed({"1"}, at(1s).monotonic);
  restarted.link_up();
  restarted.pump(at(1s), at(1s).monotonic);
  CHECK(world.uplink.sequences_sent() == Sequences{1, 2, 2});
  CHECK(world.journey.totals().delivered == 1);
}

TEST_CASE("a shopper's later rows do not wait for an earlier one without receipt") {
  DeliveryWorld world{ReceiptPolicy::required};
  world.record_zones(1);
  world.delivery.link_up();
  world.run_dry();
  world.record_zones(6);
  world.run_dry(10s);
  CHECK(world.uplink.sequences_sent() == Sequences{1, 2, 3, 4, 5, 6, 7});
  world.run_dry(40s);  // and again in their order
  CHECK(world.uplink.sequences_sent() == Sequences{1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("what was withdrawn or erased while it waits for its receipt never goes again") {
  DeliveryWorld world{ReceiptPolicy::required};
  world.record_zone();
  world.record_trigger(1h);
  world.delivery.link_up();
  world.run_dry();
  const ShopperId shopper = *ShopperId::parse("s-1");
  SECTION("withdrawn from the store") {
    world.journey.transact([&] { world.journey.erase({&shopper, 1}); });
  }
  SECTION("no consent any more") {
    world.profiles.erase({&shopper, 1}, std::nullopt);
  }
  world.run_dry(1min);
  CHECK(world.uplink.sequences_sent() == Sequences{1, 2});
  CHECK(world.journey.totals().withdrawn == 2);
  CHECK(world.adds_up());
}

TEST_CASE("the broker takes events and no receipt comes for five minutes: no_consumer, until one comes") {
  const auto policy = GENERATE(ReceiptPolicy::required, ReceiptPolicy::optional, ReceiptPolicy::off);
  DeliveryWorld world{policy};
  world.delivery.link_up();
  world.run_dry(1h);
  CHECK_FALSE(world.warns_of(warning::kNoConsumer));  // a quiet night
  world.record_zones(2);
  world.run_dry(1h);
  world.receipt({1, 2}, 1h);
  world.run_dry(1h + 5min);
  CHECK_FALSE(world.warns_of(warning::kNoConsumer));
  world.record_zone();
  world.run_dry(2h);
  world.run_dry(2h + 299s);
  CHECK_FALSE(world.warns_of(warning::kNoConsumer));
  world.run_dry(2h + 300s);
  CHECK(world.warns_of(warning::kNoConsumer) == (policy != ReceiptPolicy::off));
  world.receipt({3}, 3h);
  world.run_dry(3h);
  CHECK_FALSE(world.warns_of(warning::kNoConsumer));
}

TEST_CASE("when the orchestrator is back, what the broker lost meanwhile does not wait out a long pause") {
  DeliveryWorld world{ReceiptPolicy::required};
  world.record_zones(2);
  world.delivery.link_up();
  Duration now{};
  for (; now < 3h; now += 1s) world.run_dry(now);
  const std::size_t before = world.uplink.sent.size();
  world.receipt({1}, now);
  world.run_dry(now + 31s);
  CHECK(world.uplink.sent.size() == before + 1);
  CHECK(world.uplink.sent.back().row.sequence == 2);
}

TEST_CASE("an event that the broker does not take is warned of at once, and until it does") {
  DeliveryWorld world{ReceiptPolicy::optional};
  world.record_zones(2);
  world.uplink.answers = {{1, SendOutcome::held}};
  world.delivery.link_up();
  world.run_dry();
  CHECK(world.warns_of(warning::kEventsHeld));
  world.run_dry(30s);
  CHECK(world.warns_of(warning::kEventsHeld));
  world.uplink.answers.clear();
  world.run_dry(60s);
  CHECK_FALSE(world.warns_of(warning::kEventsHeld));
}
