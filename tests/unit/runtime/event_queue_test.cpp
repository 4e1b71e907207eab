#include "runtime/event_queue.hpp"

#include <future>
#include <thread>

#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;

namespace {

// Told apart by their scanner and count.
Advertisement advertisement(std::size_t number) {
  Advertisement one;
  one.instant.wall = WallTime{Duration{static_cast<std::int64_t>(number)}};
  return one;
}

std::int64_t number_of(const LoopEvent& event) {
  return std::get<Advertisement>(event).instant.wall.time_since_epoch().count();
}

std::vector<LoopEvent> taken(EventQueue& queue, std::size_t most = 100'000) {
  std::vector<LoopEvent> events;
  queue.take(events, most, 0ms);
  return events;
}

// Told apart by its revision.
Downlink downlink(std::int64_t revision, std::size_t octets) {
  Downlink one;
  one.content = ProfilesMessage{.revision = revision};
  one.octets = octets;
  return one;
}

std::int64_t revision_of(const LoopEvent& event) {
  return std::get<ProfilesMessage>(std::get<Downlink>(event).content).revision;
}

constexpr std::size_t kHalf = EventQueue::kMostDownlinkOctets / 2;

void fill(EventQueue& queue) {
  for (std::size_t i = 0; i < EventQueue::kMostAdvertisements; ++i) queue.post(advertisement(i));
}

}  // namespace

TEST_CASE("events come out in their order, as many as asked for") {
  EventQueue queue;
  queue.post(advertisement(1));
  queue.post(LinkUp{});
  queue.post(advertisement(2));
  const auto first = taken(queue, 2);
  REQUIRE(first.size() == 2);
  CHECK(number_of(first[0]) == 1);
  CHECK(std::holds_alternative<LinkUp>(first[1]));
  CHECK(taken(queue).size() == 1);
  CHECK(taken(queue).empty());
}

TEST_CASE("without room the oldest advertisement goes and is counted, and control events stay") {
  EventQueue queue;
  queue.post(LinkUp{});
  fill(queue);
  queue.post(StopRequested{});
  CHECK(queue.take_overflow() == 0);
  for (std::size_t i = 0; i < 3; ++i) queue.post(advertisement(10'000 + i));
  for (int i = 0; i < 100; ++i) queue.post(ReloadRequested{});
  CHECK(queue.take_overflow() == 3);
  CHECK(queue.take_overflow() == 0);

  const auto events = taken(queue);
  REQUIRE(events.size() == EventQueue::kMostAdvertisements + 102);
  CHECK(std::holds_alternative<LinkUp>(events[0]));
  CHECK(number_of(events[1]) == 3);
  CHECK(std::holds_alternative<StopRequested>(events[EventQueue::kMostAdvertisements - 2]));
}

TEST_CASE("a patient post waits for room") {
  EventQueue queue;
  fill(queue);
  auto posted = std::async(std::launch::async, [&] { return queue.post_patiently(advertisement(10'000)); });
  // Takes until the patient one has come, which it can only after something was taken.
  std::vector<LoopEvent> events;
  while (events.size() <= EventQueue::kMostAdvertisements) queue.take(events, events.size() + 1, 1000ms);
  CHECK(posted.get());
  CHECK(number_of(events.back()) == 10'000);
  CHECK(queue.take_overflow() == 0);
}

TEST_CASE("messages of the orchestrator wait for room, in their order among the other control events") {
  EventQueue queue;
  CHECK(queue.post_patiently(downlink(1, kHalf), 0ms));
  queue.post(LinkUp{});
  CHECK(queue.post_patiently(downlink(2, kHalf), 0ms));
  CHECK_FALSE(queue.post_patiently(downlink(3, 1), 0ms));
  auto posted = std::async(std::launch::async, [&] { return queue.post_patiently(downlink(4, kHalf), 10s); });
  std::vector<LoopEvent> events;
  while (events.size() < 4) queue.take(events, events.size() + 1, 1000ms);
  CHECK(posted.get());
  CHECK(revision_of(events[0]) == 1);
  CHECK(std::holds_alternative<LinkUp>(events[1]));
  CHECK(revision_of(events[2]) == 2);
  CHECK(revision_of(events[3]) == 4);
}

TEST_CASE("an empty queue has room for any message, and refusals need little") {
  EventQueue queue;
  CHECK(queue.post_patiently(downlink(1, 10 * kHalf), 0ms));
  CHECK_FALSE(queue.post_patiently(downlink(2, 1), 0ms));
  Downlink refused = downlink(3, 10 * kHalf);
  refused.content = DownlinkRefusal::overflow;
  CHECK_FALSE(queue.post_patiently(refused, 0ms));
  queue.post(refused);  // without patience it is taken all the same
  CHECK(taken(queue).size() == 2);
  for (int i = 0; i < 1000; ++i) CHECK(queue.post_patiently(refused, 0ms));
  CHECK(taken(queue).size() == 1000);
  queue.post(downlink(4, 2 * kHalf));  // without patience it weighs as much
  CHECK_FALSE(queue.post_patiently(downlink(5, 1), 0ms));
  CHECK(taken(queue).size() == 1);
  CHECK(queue.post_patiently(downlink(6, 2 * kHalf), 0ms));
}

TEST_CASE("a closed queue lets nobody wait and takes nothing more") {
  EventQueue queue;
  fill(queue);
  auto patient = std::async(std::launch::async, [&] { return queue.post_patiently(advertisement(1)); });
  REQUIRE(queue.post_patiently(downlink(1, 2 * kHalf), 0ms));
  auto message =
      std::async(std::launch::async, [&] { return queue.post_patiently(downlink(2, 1), std::chrono::hours{1}); });
  queue.close();
  CHECK_FALSE(patient.get());
  CHECK_FALSE(message.get());
  CHECK_FALSE(queue.post_patiently(downlink(3, 1), std::chrono::hours{1}));
  CHECK_FALSE(queue.post_patiently(advertisement(2)));
  queue.post(advertisement(3));
  queue.post(StopRequested{});
  std::vector<LoopEvent> events;
  queue.take(events, 10, std::chrono::hours{1});  // returns at once
  CHECK(events.empty());
}

TEST_CASE("closing lets go of questions that nobody will answer") {
  EventQueue queue;
  auto alive = std::make_shared<int>();
  queue.post(ControlRequest{"status", 0, true, [alive](const std::string&) {}});
  CHECK(alive.use_count() == 2);
  queue.close();
  CHECK(alive.use_count() == 1);
}

TEST_CASE("many threads post, each keeps its order, nothing is lost") {
  constexpr std::size_t kEach = 500;
  EventQueue queue;
  std::vector<std::thread> threads;
  for (ScannerIndex scanner = 0; scanner < 4; ++scanner)
    threads.emplace_back([&queue, scanner] {
      for (std::size_t i = 0; i < kEach; ++i) {
        Advertisement one = advertisement(i);
        one.scanner = scanner;
        queue.post(one);
      }
    });
  std::vector<LoopEvent> events;
  while (events.size() < 4 * kEach) queue.take(events, 4 * kEach, 1000ms);
  for (std::thread& one : threads) one.join();
  std::array<std::int64_t, 4> next{};
  for (const LoopEvent& event : events) CHECK(number_of(event) == next.at(std::get<Advertisement>(event).scanner)++);
}
