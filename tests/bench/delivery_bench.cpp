// Events to a broker's PUBACK (QoS 1) on loopback: our driver, our outbox before it, Paho used bare and mosquitto's own
// client library, all against one mosquitto. At most `window` are unanswered at once; Paho is never handed more than it
// may send, or it stalls (reliability.md, performance.md 5).
//
// An item is one event. p50_ns and p99_ns: from handing an event to the library until its answer, in the library's
// thread. octets_recording, octets_ending: what the kernel was made to write to the disk an event, as it is recorded
// (three in a transaction, as a visit begins) and as it goes and leaves the outbox: write_bytes of /proc/self/io, which
// counts pages, so the log and its headers count in full.
#include <benchmark/benchmark.h>
#include <mosquitto.h>
#include <mqtt/async_client.h>

#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>
#include <stdexcept>

#include "delivery.hpp"
#include "drivers/mqtt/mqtt_uplink.hpp"
#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "drivers/sqlite/sqlite_profile_store.hpp"
#include "runtime/event_queue.hpp"
#include "tests/bench/shops.hpp"
#include "tests/fakes/broker.hpp"
#include "tests/fakes/temporary_directory.hpp"

namespace beacon_gateway::bench {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int kEvents = 1500;      // an iteration; divisible by kEventsOfVisit
constexpr int kEventsOfVisit = 3;  // visit.started, zone.entered and a trigger are recorded together
constexpr auto kPatience = 30s;
const std::string kTopic = "beacon-gateway/v1/acme/s-1/gw-1/events/com.beacongateway.visit.started.v1";
const std::string kPayload(400, 'x');  // about what a visit.started weighs

std::uint16_t broker_port() {
  static const beacon_gateway_test::Broker broker;
  return broker.port();
}

// How many are under way and how long each took. Answers come in the order of the events.
class Flow {
 public:
  explicit Flow(std::int64_t window) : window_(static_cast<std::size_t>(window)) {}

  void wait_for_room() { wait(window_ - 1); }
  void wait_for_all() { wait(0); }
  void sent() {
    const std::lock_guard lock(mutex_);
    under_way_.push_back(Clock::now());
  }
  void answered() {
    const std::lock_guard lock(mutex_);
    took_.push_back(Clock::now() - under_way_.front());
    under_way_.pop_front();
    answered_.notify_one();
  }

  void report(benchmark::State& state) {
    state.SetItemsProcessed(state.iterations() * kEvents);
    std::ranges::sort(took_);
    const auto part = [&](std::size_t percent) {
      return static_cast<double>(std::chrono::nanoseconds{took_[(took_.size() - 1) * percent / 100]}.count());
    };
    state.counters["p50_ns"] = part(50);
    state.counters["p99_ns"] = part(99);
  }

 private:
  void wait(std::size_t most) {
    std::unique_lock lock(mutex_);
    if (!answered_.wait_for(lock, kPatience, [&] { return under_way_.size() <= most; }))
      throw std::runtime_error("the broker does not answer");
  }

  std::size_t window_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::deque<Clock::time_point> under_way_;
  std::vector<Clock::duration> took_;
};

template <class Send>
void publish_all(benchmark::State& state, Flow& flow, const Send& send) {
  for (auto _ : state) {
    for (int i = 0; i < kEvents; ++i) {
      flow.wait_for_room();
      flow.sent();
      send(i);
    }
    flow.wait_for_all();
  }
  flow.report(state);
}

void mosquitto_library(benchmark::State& state) {
  static const int ready = mosquitto_lib_init();  // once, and for good
  if (ready != MOSQ_ERR_SUCCESS) throw std::runtime_error("mosquitto's library does not start");
  Flow flow{state.range(0)};
  const std::unique_ptr<mosquitto, decltype(&mosquitto_destroy)> client{mosquitto_new("bench-mosquitto", true, &flow),
                                                                        &mosquitto_destroy};
  mosquitto_int_option(client.get(), MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  mosquitto_int_option(client.get(), MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_publish_callback_set(client.get(), [](mosquitto*, void* its, int) { static_cast<Flow*>(its)->answered(); });
  if (mosquitto_connect(client.get(), "127.0.0.1", broker_port(), 60) != MOSQ_ERR_SUCCESS ||
      mosquitto_loop_start(client.get()) != MOSQ_ERR_SUCCESS)
    throw std::runtime_error("no connection to the broker");
  publish_all(state, flow, [&](int) {
    if (mosquitto_publish(client.get(), nullptr, kTopic.c_str(), static_cast<int>(kPayload.size()), kPayload.data(), 1,
                          false) != MOSQ_ERR_SUCCESS)
      throw std::runtime_error("mosquitto does not publish");
  });
  mosquitto_disconnect(client.get());
  mosquitto_loop_stop(client.get(), false);
}
BENCHMARK(mosquitto_library)->Name("delivery/mosquitto's library")->Arg(1)->Arg(20)->UseRealTime();

class PahoAnswers : public ::mqtt::iaction_listener {
 public:
  explicit PahoAnswers(Flow& flow) : flow_(flow) {}
  void on_success(const ::mqtt::token&) override { flow_.answered(); }
  void on_failure(const ::mqtt::token&) override {}  // the wait for it ends the benchmark

 private:
  Flow& flow_;
};

void paho_bare(benchmark::State& state) {
  Flow flow{state.range(0)};
  PahoAnswers answers{flow};
  ::mqtt::async_client client{"tcp://127.0.0.1:" + std::to_string(broker_port()), "bench-paho",
                              ::mqtt::create_options{MQTTVERSION_5}, nullptr};
  ::mqtt::connect_options options;
  options.set_mqtt_version(MQTTVERSION_5);
  options.set_clean_start(true);
  options.set_max_inflight(static_cast<int>(state.range(0)));
  client.connect(options)->wait();
  publish_all(state, flow,
              [&](int) { client.publish(::mqtt::message::create(kTopic, kPayload, 1, false), nullptr, answers); });
  client.disconnect()->wait();
}
BENCHMARK(paho_bare)->Name("delivery/paho bare")->Arg(1)->Arg(20)->UseRealTime();

OutboxRow row(std::int64_t sequence) {
  return {sequence,
          std::to_string(sequence),
          "com.beacongateway.visit.started.v1",
          *ShopperId::parse("s-1"),
          std::nullopt,
          "v",
          {},
          std::nullopt,
          kPayload};
}

// The driver, connected; its answers go into the queue, as in the daemon.
class Connected {
 public:
  explicit Connected(UplinkListener listener) {
    mqtt::MqttOptions options;
    options.url = "mqtt://127.0.0.1:" + std::to_string(broker_port());
    options.name = {"acme", "s-1", "gw-1"};
    options.subscribe = false;
    uplink_.emplace(std::move(options));
    listener.link_up = [this] { up_ = true; };
    listener.link_down = [](const std::string&) {};
    uplink_->start(std::move(listener));
    for (const auto give_up = Clock::now() + kPatience; !up_; uplink_->poll())
      if (Clock::now() > give_up) throw std::runtime_error("no connection to the broker");
  }
  ~Connected() { uplink_->stop(1s); }
  Connected(const Connected&) = delete;
  Connected& operator=(const Connected&) = delete;
  [[nodiscard]] mqtt::MqttUplink& uplink() { return *uplink_; }

 private:
  bool up_ = false;
  std::optional<mqtt::MqttUplink> uplink_;
};

void driver(benchmark::State& state) {
  Flow flow{state.range(0)};
  Connected connected{{{}, {}, [&](std::int64_t, SendOutcome, const std::string&) { flow.answered(); }, {}}};
  publish_all(state, flow, [&](int i) {
    if (!connected.uplink().send(row(i + 1), std::nullopt)) throw std::runtime_error("the driver does not take a row");
  });
}
BENCHMARK(driver)->Name("delivery/our driver")->Arg(1)->Arg(20)->UseRealTime();

std::int64_t octets_written() {
  std::ifstream io{"/proc/self/io"};
  std::string name;
  for (std::int64_t value = 0; io >> name >> value;)
    if (name == "write_bytes:") return value;
  throw std::runtime_error("the kernel does not count what is written");
}

void record(JourneyStore& journey, std::int64_t& events) {
  for (int i = 0; i < kEvents; i += kEventsOfVisit)
    journey.transact([&] {
      for (int k = 0; k < kEventsOfVisit; ++k)
        journey.record(
            {std::to_string(++events), *ShopperId::parse("s-1"), kNow, "v", ZoneEnteredEvent{"door"}, false});
    });
}

// What was recorded goes to the broker and leaves the outbox, as the event loop has it: a batch of answers, then a
// turn.
void outbox(benchmark::State& state, bool on_disk) {
  const beacon_gateway_test::TemporaryDirectory folder{on_disk ? std::filesystem::temp_directory_path() : "/dev/shm"};
  sqlite::SqliteProfileStore profiles{":memory:"};
  Profile profile{.shopper_id = *ShopperId::parse("s-1"), .version = 1};
  profile.consents = {{Purpose::presence, kNow - 24h, std::nullopt, "v1", "app"}};
  profiles.put(profile);
  sqlite::SqliteJourneyStore journey{
      folder.path() / "journey.db", {{"acme", "s-1", "gw-1"}, {}, false}, {sqlite::SecretKey::random(), std::nullopt}};
  EventQueue queue;
  Connected connected{{{},
                       {},
                       [&](std::int64_t sequence, SendOutcome outcome, const std::string& why) {
                         queue.post(RowSettled{sequence, outcome, why});
                       },
                       {}}};
  Counters counters;
  Delivery delivery{journey, profiles, connected.uplink(), counters};
  delivery.link_up();
  std::int64_t events = 0;
  const std::int64_t written_before = octets_written();
  std::int64_t written_recording = 0;
  for (auto _ : state) {
    state.PauseTiming();
    written_recording -= octets_written();
    record(journey, events);
    written_recording += octets_written();
    state.ResumeTiming();
    const auto give_up = Clock::now() + kPatience;
    std::vector<LoopEvent> answers;
    while (counters[Count::delivered] < static_cast<std::uint64_t>(events)) {
      for (const LoopEvent& one : std::exchange(answers, {})) {
        const auto& settled = std::get<RowSettled>(one);
        delivery.settled(settled.sequence, settled.outcome, {});
      }
      delivery.pump(capture_instant(kNow), {});
      if (delivery.in_flight() > 0) queue.take(answers, 64, 1s);
      if (Clock::now() > give_up) throw std::runtime_error("the outbox does not empty");
    }
  }
  state.SetItemsProcessed(state.iterations() * kEvents);
  if (!on_disk) return;  // nothing is counted of a file system in memory
  const auto an_event = [&](std::int64_t octets) { return static_cast<double>(octets) / static_cast<double>(events); };
  state.counters["octets_recording"] = an_event(written_recording);
  state.counters["octets_ending"] = an_event(octets_written() - written_before - written_recording);
}
BENCHMARK_CAPTURE(outbox, on_disk, true)->Name("delivery/our outbox on disk")->Iterations(1)->UseRealTime();
BENCHMARK_CAPTURE(outbox, in_memory, false)->Name("delivery/our outbox in memory")->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace beacon_gateway::bench
