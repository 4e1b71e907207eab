#include "runtime/event_loop.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_uplink.hpp"
#include "tests/fakes/log_book.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

// The loop with real stores, a fake broker that answers at once, and a clock that moves a second a turn. Everything is
// posted before `run`, on one thread: what does not end by itself is ended after some turns.
class LoopWorld {
 public:
  explicit LoopWorld(LoopOptions options) : world(small_shop(), {}, options.clock) {
    world.know({shopper(1)});
    options_ = options;
    make_loop();
  }

  void make_loop() {
    loop = std::make_unique<EventLoop>(world.gateway(), world.journey(), delivery_of_loop, &uplink, queue,
                                       world.counters(), surroundings(), options_);
  }

  void run() { loop->run(); }

  GatewayWorld world;
  FakeUplink uplink;
  Delivery delivery{world.journey(), world.profiles(), uplink, world.counters()};
  Delivery* delivery_of_loop = &delivery;
  EventQueue queue;
  std::unique_ptr<EventLoop> loop;
  int turns = 0;
  int most_turns = 1000;
  int reloads = 0;
  std::string state;

 private:
  LoopOptions options_;

  LoopSurroundings surroundings() {
    LoopSurroundings result;
    result.machine_clock = [this] { return capture_instant(kMorning + std::chrono::seconds{turns}); };
    result.answer = [](const ControlRequest& request) { return "answer to " + request.request; };
    result.reload = [this] { ++reloads; };
    result.alive = [this](const std::string& now) {
      state = now;
      while (!uplink.unsettled.empty()) {
        const auto [sequence, outcome] = uplink.answer_oldest();
        queue.post(RowSettled{sequence, outcome, ""});
      }
      if (++turns == most_turns) queue.post(StopRequested{});
      queue.post(ReloadRequested{});  // no waiting: there is always something to take
    };
    return result;
  }
};

void post_visit(EventQueue& queue) {
  for (int second = 0; second < 3; ++second) queue.post(advertisement(1, second * 1000ms));
}

}  // namespace

TEST_CASE("at the end of the captures every visit ends, all is delivered, and the loop is done") {
  LoopWorld world{{ClockSource::capture, true}};
  world.queue.post(LinkUp{});
  post_visit(world.queue);
  world.queue.post(RadioFinished{});
  world.run();
  CHECK(world.turns < world.most_turns);
  const OutboxTotals totals = world.world.journey().totals();
  CHECK(totals.recorded == 5);
  CHECK(totals.waiting == 0);
  CHECK(totals.delivered + totals.expired == 5);
  CHECK(world.uplink.most_unsettled <= world.uplink.window());
}

TEST_CASE("without exit_at_end the loop idles after the captures until it is stopped") {
  LoopWorld world{{ClockSource::capture, false}};
  world.most_turns = 20;
  post_visit(world.queue);
  world.queue.post(RadioFinished{});
  world.run();
  CHECK(world.turns == world.most_turns + 1);
  CHECK(world.world.gateway().open_visits() == 0);
  CHECK(world.world.journey().totals().waiting == 4);  // no link
  CHECK(world.world.journey().totals().expired == 1);  // the welcome, when the visit had ended
}

TEST_CASE("a stop leaves visits open and rows waiting") {
  LoopWorld world{{ClockSource::capture, true}};
  post_visit(world.queue);
  world.queue.post(StopRequested{});
  world.run();
  CHECK(world.turns == 1);
  CHECK(world.world.gateway().open_visits() == 1);
  CHECK(world.world.journey().totals().waiting == 3);
}

TEST_CASE("a question is answered, a reload is done, and the state is told every turn") {
  LoopWorld world{{ClockSource::machine, false}};
  std::string answered;
  world.queue.post(ControlRequest{"status", 0, true, [&](const std::string& text) { answered = text; }});
  world.queue.post(ReloadRequested{});
  world.queue.post(StopRequested{});
  world.run();
  CHECK(answered == "answer to status");
  CHECK(world.reloads == 1);
  CHECK(world.state == "0 visits open, broker not connected");
}

TEST_CASE("on the machine's clock time passes without anything being heard") {
  LoopWorld world{{ClockSource::machine, false}};
  world.most_turns = 60;
  post_visit(world.queue);
  world.run();
  CHECK(world.world.told().back() == "47000 zone.left s-1 door");
}

TEST_CASE("health goes out once a minute while the link is up") {
  LoopWorld world{{ClockSource::machine, false}};
  world.most_turns = 130;
  world.queue.post(LinkUp{});
  world.run();
  CHECK(world.uplink.health.size() == 3);  // at 0, 60 and 120 s
}

TEST_CASE("receipts reach the delivery, and what must be looked at goes out with health") {
  LoopWorld world{{ClockSource::machine, false}};
  Delivery required{world.world.journey(),  world.world.profiles(), world.uplink, world.world.counters(), {},
                    ReceiptPolicy::required};
  world.delivery_of_loop = &required;
  world.make_loop();
  world.uplink.warned = {{warning::kDuplicateIdentity, "another box"}};
  world.most_turns = 400;  // seconds: no receipt for five minutes
  world.queue.post(LinkUp{});
  post_visit(world.queue);
  world.run();
  REQUIRE_FALSE(world.uplink.health.empty());
  CHECK(world.uplink.health.front().warnings == world.uplink.warned);
  const Warnings last = world.uplink.health.back().warnings;
  REQUIRE(last.size() == 2);
  CHECK(last[0].name == warning::kNoConsumer);

  const auto rows = world.world.journey().waiting_after(0, 1);
  REQUIRE(rows.size() == 1);
  world.most_turns += 5;
  world.make_loop();
  world.queue.post(Downlink{DownlinkTopic::receipts, std::nullopt, ReceiptsMessage{{rows[0].id}}, 50});
  const std::int64_t waiting = world.world.journey().totals().waiting;
  world.run();
  CHECK(world.world.journey().totals().waiting == waiting - 1);
  CHECK(world.loop->warnings().size() == 1);
}

TEST_CASE("events that the broker does not take are told once a minute, and again for another reason") {
  const LogBook log;
  LoopWorld world{{ClockSource::machine, false}};
  for (std::int64_t sequence = 1; sequence <= 100; ++sequence)
    world.queue.post(RowSettled{sequence, SendOutcome::held, "0x87 not authorized"});
  world.queue.post(RowSettled{101, SendOutcome::refused, "0x95 packet too large"});
  world.queue.post(StopRequested{});
  world.run();
  CHECK(log.count("not taken: 0x87") == 1);
  CHECK(log.count("event 101 not taken: 0x95") == 1);
}

TEST_CASE("an overflow of the queue is counted") {
  LoopWorld world{{ClockSource::machine, false}};
  for (std::size_t i = 0; i < EventQueue::kMostAdvertisements + 5; ++i) world.queue.post(advertisement(9, 0s));
  world.queue.post(StopRequested{});
  world.run();
  CHECK(world.world.counters()[Count::advertisements_overflowed] == 5);
}
