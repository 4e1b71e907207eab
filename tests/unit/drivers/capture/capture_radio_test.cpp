#include "drivers/capture/capture_radio.hpp"

#include <condition_variable>
#include <mutex>

#include "tests/catch.hpp"
#include "tests/unit/drivers/capture/hand_made.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway::capture;
using namespace beacon_gateway_test;

namespace {

// A day between two advertisements: a test that waited for it at the capture's pace would not end.
constexpr double kDay = 86400;

CaptureReader reader_over(const HandMadeCapture& capture) {
  std::vector<BtsnoopReader> captures;
  captures.push_back(*reader_of(capture.text()));
  return {std::move(captures), {"hci0"}};
}

HandMadeCapture heard_at(const std::vector<double>& seconds) {
  HandMadeCapture capture;
  for (const double at : seconds) capture.event(0, shop_time(at), legacy_event());
  return capture;
}

// What a radio told, in order: seconds heard, then the failure and the end. Knob: how many it takes.
class Listening {
 public:
  explicit Listening(std::size_t takes = 1000) : takes_(takes) {}

  RadioListener listener() {
    return {.heard =
                [this](const Advertisement& advertisement) {
                  const std::chrono::duration<double> since = advertisement.instant.wall - shop_time(0);
                  told("heard " + std::to_string(static_cast<int>(since.count())));
                  first_.open();
                  return --takes_ > 0;
                },
            .finished =
                [this] {
                  told("finished");
                  finished_.open();
                },
            .failed = [this](const std::string& why) { told("failed: " + why); }};
  }
  void wait_for_first() { first_.wait(); }
  void wait_for_end() { finished_.wait(); }

  [[nodiscard]] std::vector<std::string> all() {
    const std::lock_guard lock{mutex_};
    return all_;
  }

 private:
  // Opens once; may be counted down again.
  class Gate {
   public:
    void open() {
      const std::lock_guard lock{mutex_};
      open_ = true;
      opened_.notify_all();
    }
    void wait() {
      std::unique_lock lock{mutex_};
      opened_.wait(lock, [this] { return open_; });
    }

   private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool open_ = false;
  };

  void told(std::string what) {
    const std::lock_guard lock{mutex_};
    all_.push_back(std::move(what));
  }

  std::size_t takes_;
  Gate first_;
  Gate finished_;
  std::mutex mutex_;
  std::vector<std::string> all_;
};

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("At speed 0 a capture is told at once, in order, then it is finished") {
  Listening listening;
  CaptureRadio radio{reader_over(heard_at({0, kDay, 2 * kDay})), {.speed = 0, .resume_from = {}}};
  radio.start(listening.listener());
  listening.wait_for_end();
  radio.stop();
  CHECK(listening.all() == Told{"heard 0", "heard 86400", "heard 172800", "finished"});
  CHECK(radio.summary().advertisements == 3);
}

TEST_CASE("At a speed the pauses are the capture's, that many times shorter") {
  Listening listening;
  CaptureRadio radio{reader_over(heard_at({0, kDay})), {.speed = kDay * 1e3, .resume_from = {}}};
  radio.start(listening.listener());
  listening.wait_for_end();
  CHECK(listening.all() == Told{"heard 0", "heard 86400", "finished"});
}

TEST_CASE("A pause is interrupted by stop, and nothing is told after it") {
  Listening listening;
  CaptureRadio radio{reader_over(heard_at({0, kDay})), {}};
  radio.start(listening.listener());
  listening.wait_for_first();
  radio.stop();
  CHECK(listening.all() == Told{"heard 0"});
  radio.stop();
}

TEST_CASE("What was told before a restart is skipped without waiting, and the pace starts after it") {
  Listening listening;
  CaptureRadio radio{reader_over(heard_at({0, kDay, 2 * kDay})), {.speed = 1, .resume_from = shop_time(2 * kDay)}};
  radio.start(listening.listener());
  listening.wait_for_end();
  CHECK(listening.all() == Told{"heard 172800", "finished"});
}

TEST_CASE("A listener that wants no more ends the radio") {
  Listening listening{2};
  CaptureRadio radio{reader_over(heard_at({0, 1, 2})), {.speed = 1e6, .resume_from = {}}};
  radio.start(listening.listener());
  listening.wait_for_first();
  while (listening.all().size() < 2) std::this_thread::yield();
  radio.stop();
  CHECK(listening.all() == Told{"heard 0", "heard 1"});
}

TEST_CASE("Damage is told before the end") {
  Listening listening;
  HandMadeCapture capture = heard_at({0});
  capture.raw_record(9, 9, 0, 0, {1});
  CaptureRadio radio{reader_over(capture), {.speed = 0, .resume_from = {}}};
  radio.start(listening.listener());
  listening.wait_for_end();
  const Told all = listening.all();
  REQUIRE(all.size() == 3);
  CHECK(all[0] == "heard 0");
  CHECK_THAT(all[1], ContainsSubstring("failed: hand-made: at octet"));
  CHECK(all[2] == "finished");
}

TEST_CASE("A radio may be stopped before it starts") {
  CaptureRadio radio{reader_over(heard_at({})), {}};
  radio.stop();
}
