// Case 31, the whole daemon below main: its loop, its gateway and its delivery over stores whose disk is full.
#include "runtime/event_loop.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_uplink.hpp"
#include "tests/fakes/sqlite/faulty_disk.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;
using Fault = FaultyDisk::Fault;

namespace {

// A second passes each turn; `at_turn` says what happens then.
class LoopOnDisk {
 public:
  LoopOnDisk() { world.know({shopper(1), shopper(2)}); }

  void run(int turns, std::function<void(int turn)> at_turn) {
    int turn = 0;
    LoopSurroundings surroundings;
    surroundings.machine_clock = [&] { return capture_instant(kMorning + std::chrono::seconds{seconds_}); };
    surroundings.answer = [&](const ControlRequest&) { return std::to_string(world.journey().totals().waiting); };
    surroundings.store_trouble = [&](const std::string& why) { trouble = why; };
    surroundings.alive = [&](const std::string& now) {
      state = now;
      ++seconds_;
      while (!uplink.unsettled.empty()) {
        const auto [sequence, outcome] = uplink.answer_oldest();
        queue.post(RowSettled{sequence, outcome, ""});
      }
      if (++turn == turns) return queue.post(StopRequested{});
      at_turn(turn);
      queue.post(LinkUp{});  // no waiting: there is always something to take
    };
    EventLoop loop{world.gateway(), world.journey(),  &delivery,    &uplink,
                   queue,           world.counters(), surroundings, {ClockSource::machine, false}};
    loop.run();
    suspended = loop.suspended();
  }
  void enter(std::uint16_t number) {
    for (int i = 0; i < 3; ++i) queue.post(advertisement(number, std::chrono::seconds{seconds_} + i * 1ms));
  }
  // "s-1 visit.started": what went out, in order, without repeats.
  [[nodiscard]] std::vector<std::string> sent() const {
    std::vector<std::string> lines;
    std::set<std::string> ids;
    for (const FakeUplink::Sent& one : uplink.sent)
      if (ids.insert(one.row.id).second) lines.push_back(one.row.shopper_id.value() + ' ' + one.row.type.substr(18));
    return lines;
  }

  FaultyDisk disk;
  TemporaryDirectory directory;
  GatewayWorld world{small_shop(), directory.path(), ClockSource::machine};
  FakeUplink uplink;
  Delivery delivery{world.journey(), world.profiles(), uplink, world.counters()};
  EventQueue queue;
  std::string trouble;
  std::string state;
  bool suspended = false;

 private:
  int seconds_ = 0;
};

using Lines = std::vector<std::string>;
constexpr int kForEver = 1'000'000;

}  // namespace

TEST_CASE("case 31: a disk that fills up stops recognising and nothing else, and goes on by itself") {
  LoopOnDisk world;
  std::string answered;
  world.run(40, [&](int turn) {
    if (turn == 1) world.enter(1);
    if (turn == 5) world.disk.fail_at(1, Fault::full, kForEver);
    if (turn == 6) world.enter(2);
    if (turn == 8) {
      CHECK(world.trouble.find("free some disk space") != std::string::npos);
      CHECK(world.state.starts_with("ALARM: the store takes nothing"));
      world.enter(2);
      world.queue.post(ControlRequest{"status", 0, true, [&](const std::string& text) { answered = text; }});
    }
    if (turn == 15) world.disk.fail_at(0, Fault::none);
    if (turn == 25) {
      CHECK(world.trouble.empty());
      CHECK(world.world.gateway().open_visits() == 1);  // she did not leave while nobody could write it down
      world.enter(2);
    }
  });
  CHECK(answered == "0");
  CHECK_FALSE(world.suspended);
  CHECK(world.world.counters()[Count::store_failures] == 1);
  CHECK(world.world.counters()[Count::dropped_store_unavailable] >= 4);
  CHECK(world.sent() == Lines{"s-1 visit.started.v1", "s-1 zone.entered.v1", "s-1 trigger.v1", "s-2 visit.started.v1",
                              "s-2 zone.entered.v1", "s-2 trigger.v1"});
  CHECK(world.world.journey().totals().delivered == 6);
}

TEST_CASE("what the broker has taken while the disk is full ends when there is room; health tells the alarm") {
  LoopOnDisk world;
  world.uplink.up = false;
  world.run(90, [&](int turn) {
    if (turn == 1) world.enter(1);
    if (turn == 5) {
      world.disk.fail_at(1, Fault::full, kForEver);
      world.uplink.up = true;
    }
    if (turn == 75) {
      REQUIRE_FALSE(world.uplink.health.back().warnings.empty());
      CHECK(world.uplink.health.back().warnings.front().name == "store_unavailable");
      world.disk.fail_at(0, Fault::none);
    }
  });
  CHECK(world.sent().size() >= 3);
  CHECK(world.world.journey().totals().waiting == 0);
  CHECK(world.world.journey().totals().delivered == world.world.journey().totals().recorded);
}

TEST_CASE(
    "a message of the orchestrator that could not be taken stops sending until all is well, and is asked for again") {
  LoopOnDisk world;
  world.uplink.up = false;
  world.run(40, [&](int turn) {
    if (turn == 1) world.enter(1);
    if (turn == 5) {
      world.disk.fail_at(1, Fault::full, kForEver);
      ProfilesMessage message;
      message.revision = 1;
      message.withdrawals = {shopper(1).shopper_id};
      Downlink downlink;
      downlink.claims = SignedClaims{"key", 1, kMorning};
      downlink.content = std::move(message);
      world.queue.post(std::move(downlink));
    }
    if (turn == 6) {
      world.uplink.synced.clear();
      world.uplink.up = true;
    }
    if (turn == 20) {
      CHECK(world.uplink.sent.empty());  // she may have withdrawn
      CHECK(world.uplink.synced.empty());
      world.disk.fail_at(0, Fault::none);
    }
  });
  CHECK(world.uplink.synced.size() >= 1);
}
