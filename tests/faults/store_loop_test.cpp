// Cases 27 and 31, the whole daemon below main: its loop, its gateway and its delivery over stores whose disk is slow
// or full.
#include <thread>

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
  [[nodiscard]] int seconds() const { return seconds_; }
  void pass_a_second() { ++seconds_; }
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

// What is posted from outside while the loop waits for its disk: a shopper at the door first and one last, strangers in
// their thousands between them, and after a second whatever must not get lost.
constexpr int kStallSeconds = 5;
constexpr int kStrangersASecond = 5000;
constexpr std::uint16_t kStranger = 9;

void flood(LoopOnDisk& world, std::uint16_t first, std::uint16_t last, const std::function<void()>& controls) {
  world.enter(first);
  for (int second = 0; second < kStallSeconds; ++second) {
    if (second == 1) controls();
    for (int i = 0; i < kStrangersASecond; ++i)
      world.queue.post(advertisement(kStranger, std::chrono::seconds{world.seconds()}));
    world.pass_a_second();
  }
  world.enter(last);
}

}  // namespace

TEST_CASE("case 27: a disk that stalls for five seconds in a flood costs the oldest advertisements and nothing else") {
  constexpr int kWatchdogSeconds = 30;  // systemd/beacon-gateway.service
  constexpr std::uint64_t kMostATurn = 256;
  LoopOnDisk world;
  world.world.know({shopper(3), shopper(4)});
  std::string answered;
  bool stalled = false;
  int last_told = 0;
  int longest_silence = 0;
  std::uint64_t heard = 0;
  const auto meanwhile = [&] {
    const int told_before = last_told;
    std::thread outside{[&] {
      flood(world, 3, 2, [&] {
        world.queue.post(ControlRequest{"status", 0, true, [&](const std::string& text) { answered = text; }});
        ProfilesMessage message;
        message.revision = 1;
        message.withdrawals = {shopper(4).shopper_id};
        world.queue.post(Downlink{DownlinkTopic::store_profiles, SignedClaims{"key", 1, kMorning}, std::move(message)});
      });
    }};
    outside.join();
    stalled = true;
    CHECK(last_told == told_before);  // who waits for the disk makes no progress, and must not say so
  };
  world.run(60, [&](int turn) {
    longest_silence = std::max(longest_silence, world.seconds() - last_told);
    last_told = world.seconds();
    const std::uint64_t now_heard = world.world.counters()[Count::advertisements];
    CHECK(now_heard - heard <= kMostATurn);  // it is told again and again while the backlog is worked off
    heard = now_heard;
    if (turn != 1) return;
    world.enter(1);
    world.disk.stall = meanwhile;
  });
  REQUIRE(stalled);
  CHECK(longest_silence >= kStallSeconds);
  CHECK(longest_silence < kWatchdogSeconds);
  constexpr std::uint64_t kPosted = kStallSeconds * kStrangersASecond + 6;
  CHECK(world.world.counters()[Count::advertisements_overflowed] == kPosted - EventQueue::kMostAdvertisements);
  CHECK(world.world.counters()[Count::advertisements] == 3 + EventQueue::kMostAdvertisements);
  CHECK(world.world.counters()[Count::store_failures] == 0);
  CHECK_FALSE(answered.empty());
  CHECK(world.world.gateway().revision() == 1);
  const Lines sent = world.sent();
  CHECK(std::ranges::count(sent, "s-1 trigger.v1") == 1);
  CHECK(std::ranges::count(sent, "s-2 trigger.v1") == 1);
  CHECK(std::ranges::none_of(sent, [](const std::string& line) { return line.starts_with("s-3"); }));
  CHECK(world.world.journey().totals().delivered == world.world.journey().totals().recorded);
}

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

TEST_CASE("what the broker has taken while the disk is full ends when there is room, and health tells the alarm") {
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
