// Each step at its time, in order, bounded, and put back by the first advertisement.
#include "drivers/bluez/recovery.hpp"

#include <algorithm>
#include <utility>

#include "tests/catch.hpp"

namespace beacon_gateway::bluez {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr MonotonicTime kStart{std::chrono::hours{5}};

// An adapter's life on a clock of its own, a tenth of a second a turn. `answer` says how a scan ends; nothing: it
// works.
struct World {
  Recovery recovery;
  MonotonicTime now = kStart;
  std::vector<std::pair<Duration, Step>> steps;  // since the start
  bool refuses = false;
  bool soon = true;

  void turn() {
    for (Step step = recovery.due(now); step != Step::none; step = recovery.due(now)) take(step);
  }
  void take(Step step) {
    steps.emplace_back(now - kStart, step);
    if (step == Step::scan && refuses) recovery.refused(now, soon);
    if (step == Step::scan && !refuses) recovery.started(now);
    if (step == Step::reconnect) {
      recovery.session_lost(now);
      recovery.adapter_ready(now);
    }
  }
  void run(Duration time) {
    for (const auto end = now + time; now < end; now += milliseconds{100}) turn();
  }
  [[nodiscard]] std::size_t count(Step wanted) const {
    return static_cast<std::size_t>(std::ranges::count(steps, wanted, &std::pair<Duration, Step>::second));
  }
};

using Steps = std::vector<std::pair<Duration, Step>>;

// An adapter that scans for so long already; its steps so far are forgotten.
World scanning_for(Duration time) {
  World world;
  world.recovery.adapter_ready(world.now);
  world.run(time);
  world.steps.clear();
  return world;
}

// The same, with a canary heard at the last moment.
World with_canary() {
  World world = scanning_for(seconds{1});
  world.recovery.heard(world.now, true);
  return world;
}

// One round of the ladder, from a start of the scan on.
const Steps kLadder{{seconds{0}, Step::scan},   {seconds{90}, Step::scan},         {seconds{120}, Step::reconnect},
                    {seconds{120}, Step::scan}, {seconds{180}, Step::power_cycle}, {seconds{300}, Step::ask_for_help}};

TEST_CASE("an adapter that is ready is scanned at once, and then left alone while it is heard") {
  World world;
  world.recovery.adapter_ready(world.now);
  for (int i = 0; i < 600; ++i) {
    world.run(seconds{10});
    world.recovery.heard(world.now);
    world.recovery.adapter_ready(world.now);
  }
  CHECK(world.steps == Steps{{seconds{0}, Step::scan}});
}

TEST_CASE("silence climbs the ladder at its times") {
  World world;
  world.recovery.adapter_ready(world.now);
  world.run(seconds{301});
  CHECK(world.steps == kLadder);
  CHECK(world.recovery.alarm());
  world.recovery.heard(world.now);
  CHECK_FALSE(world.recovery.alarm());
  world.steps.clear();
  world.run(seconds{91});
  REQUIRE(world.steps.size() == 1);  // from below, at the first time
  CHECK(world.steps[0].second == Step::scan);
}

TEST_CASE("one advertisement puts the ladder back") {
  World world = scanning_for(seconds{170});
  world.recovery.heard(world.now);
  world.run(seconds{89});
  CHECK(world.steps.empty());
}

TEST_CASE("an empty night: the rungs come ever more rarely, none beyond its bound an hour") {
  World world = scanning_for(Duration{});
  world.run(minutes{5 + 10 + 20 + 40 + 40} + seconds{1});
  CHECK(world.count(Step::power_cycle) == 5);
  CHECK(world.count(Step::ask_for_help) == 4);  // at 5, 15, 75 and 115 minutes
  CHECK(world.recovery.held_back() == 1);       // at 35 minutes
  CHECK_FALSE(world.recovery.silence_is_failure());
}

TEST_CASE("with a canary silence is a failure: the rungs come round at their times, each within its bound an hour") {
  World world = with_canary();
  CHECK(world.recovery.silence_is_failure());
  world.run(minutes{60} - seconds{1});
  CHECK(world.count(Step::reconnect) == 12);  // every five minutes, which is the bound
  CHECK(world.count(Step::power_cycle) == 6);
  CHECK(world.count(Step::ask_for_help) == 2);
  CHECK(world.recovery.held_back() == (12 - 6) + (11 - 2));
  CHECK(world.recovery.alarm());
  CHECK(world.recovery.in_trouble());
}

TEST_CASE("the canary's word holds from the last thing heard, and no longer than the canary") {
  World world = with_canary();
  SECTION("others are heard without it") {
    world.recovery.heard(world.now);
  }
  SECTION("it was ours and left the air") {
    world.recovery.canary_gone();
  }
  SECTION("the adapter is another one") {
    world.recovery.adapter_gone();
    world.recovery.adapter_ready(world.now);
  }
  CHECK_FALSE(world.recovery.silence_is_failure());
}

TEST_CASE("silence and refusals are trouble, one refusal and a restart by schedule are none") {
  World world = scanning_for(seconds{89});
  CHECK_FALSE(world.recovery.in_trouble());
  world.run(seconds{2});
  CHECK(world.recovery.in_trouble());
  world.recovery.heard(world.now);
  CHECK_FALSE(world.recovery.in_trouble());
  world.recovery.rescan();
  CHECK(world.recovery.due(world.now) == Step::scan);
  CHECK_FALSE(world.recovery.in_trouble());
  world.recovery.refused(world.now, true);
  CHECK_FALSE(world.recovery.in_trouble());
  world.refuses = true;
  world.run(seconds{2});
  CHECK(world.recovery.in_trouble());
}

TEST_CASE("time without scanning is no silence") {
  World world = scanning_for(seconds{80});
  world.recovery.adapter_off(world.now);
  world.now += std::chrono::hours{2};
  world.recovery.adapter_ready(world.now);
  world.run(seconds{9});
  REQUIRE(world.steps.size() == 1);
  CHECK(world.steps[0].second == Step::scan);  // to start, no rung
  world.run(seconds{2});
  CHECK(world.steps.size() == 2);
}

TEST_CASE("a refused scan is tried once a second, and every third refusal climbs a rung") {
  World world;
  world.refuses = true;
  world.recovery.adapter_ready(world.now);
  world.run(seconds{10});
  CHECK(world.count(Step::scan) == 10);
  CHECK(world.steps[3] == std::pair{Duration{seconds{2}}, Step::reconnect});
  CHECK(world.count(Step::reconnect) == 1);
  CHECK(world.count(Step::power_cycle) == 1);
  CHECK(world.count(Step::ask_for_help) == 1);
  CHECK(world.recovery.alarm());
  world.refuses = false;
  world.run(seconds{2});
  CHECK(world.recovery.scanning());
}

TEST_CASE("a new bluetoothd is asked at once, and what the one before refused is forgotten") {
  World world;
  world.refuses = true;
  world.recovery.adapter_ready(world.now);
  world.run(seconds{2});
  for (int killed = 0; killed < 10; ++killed) {  // each before it refuses for the third time
    world.recovery.bluetoothd_gone(world.now);
    world.recovery.adapter_ready(world.now);
    world.run(seconds{2});
  }
  CHECK(world.count(Step::scan) == 2 + 10 * 2);
  CHECK(world.count(Step::reconnect) + world.count(Step::power_cycle) == 0);
  const auto gone = world.now;
  world.recovery.bluetoothd_gone(world.now);
  world.recovery.adapter_ready(world.now);
  world.run(seconds{3});
  // The third refusal comes after two seconds: nothing of ours is there that a reconnect could take away.
  CHECK(world.steps.back() == std::pair{Duration{gone - kStart + seconds{2}}, Step::power_cycle});
}

TEST_CASE("each death of bluetoothd may cost a power cycle, up to a bound of its own that leaves the others theirs") {
  World world;
  world.refuses = true;
  for (int killed = 0; killed < 70; ++killed) {
    world.recovery.bluetoothd_gone(world.now);
    world.recovery.adapter_ready(world.now);
    world.run(seconds{3});
  }
  CHECK(world.count(Step::power_cycle) == 60);
  CHECK(world.recovery.held_back() == 10);
  world.run(std::chrono::hours{1});
  CHECK(world.count(Step::power_cycle) == 60 + 6);  // for refusals that no death explains
}

TEST_CASE("a scan that fails is tried ever more slowly") {
  World world;
  world.refuses = true;
  world.soon = false;
  world.recovery.adapter_ready(world.now);
  world.run(seconds{1 + 2 + 4 + 8});
  CHECK(world.count(Step::scan) == 4);
  world.run(std::chrono::hours{1});
  CHECK(world.count(Step::scan) <= 130);
  CHECK(world.count(Step::power_cycle) <= 6);
  CHECK(world.count(Step::reconnect) <= 12);
  CHECK(world.count(Step::ask_for_help) <= 2);
  CHECK(world.recovery.held_back() > 0);
}

TEST_CASE("an adapter that is off is turned on, and not for ever at once") {
  World world;
  world.recovery.adapter_off(world.now);
  world.run(seconds{4});
  CHECK(world.steps == Steps{{seconds{1}, Step::power_on}, {seconds{2}, Step::power_on}});
  world.run(std::chrono::hours{1});
  CHECK(world.count(Step::power_on) <= 70);
  CHECK(world.count(Step::power_on) >= 25);
  world.recovery.adapter_ready(world.now);
  world.steps.clear();
  world.run(seconds{1});
  CHECK(world.count(Step::scan) == 1);
}

TEST_CASE("discovery that ends is started again, but not for another client's that ends") {
  World world = scanning_for(seconds{1});
  world.recovery.discovery_ended(world.now);
  world.run(milliseconds{500});
  world.recovery.discovery_resumed();
  world.run(seconds{5});
  CHECK(world.steps.empty());
  world.recovery.discovery_ended(world.now);
  world.run(seconds{2});
  CHECK(world.count(Step::scan) == 1);
}

TEST_CASE("an adapter that was unplugged comes back without a past") {
  World world = scanning_for(seconds{310});
  world.recovery.adapter_gone();
  CHECK_FALSE(world.recovery.alarm());
  world.run(seconds{1000});
  world.steps.clear();
  world.recovery.adapter_ready(world.now);
  world.run(seconds{89});
  CHECK(world.count(Step::scan) == 1);
}

TEST_CASE("a restart by schedule is taken at once and is no rung") {
  World world = scanning_for(seconds{1});
  world.recovery.rescan();
  CHECK(world.recovery.due(world.now) == Step::scan);
  CHECK(world.recovery.scanning());  // as far as anybody can see
  world.recovery.refused(world.now, true);
  CHECK_FALSE(world.recovery.scanning());
  world.run(seconds{2});
  world.steps = {{seconds{0}, Step::scan}};
  world.recovery.rescan();
  world.run(milliseconds{200});
  CHECK(world.count(Step::scan) == 2);
  world.run(seconds{86});
  CHECK(world.count(Step::scan) == 2);  // silence goes on being counted
  world.run(seconds{4});
  CHECK(world.count(Step::scan) == 3);
}

TEST_CASE("who sleeps until it is told to wake misses nothing") {
  World world;
  world.recovery.adapter_ready(world.now);
  for (int i = 0; i < 1000 && world.now - kStart < seconds{301}; ++i) {
    world.turn();
    const auto wake = world.recovery.wake();
    REQUIRE(wake);
    world.now = std::max(world.now, *wake);
  }
  CHECK(world.steps == kLadder);
}

}  // namespace
}  // namespace beacon_gateway::bluez
