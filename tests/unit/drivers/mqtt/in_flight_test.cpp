#include "drivers/mqtt/in_flight.hpp"

#include <atomic>
#include <thread>

#include "tests/catch.hpp"

using beacon_gateway::mqtt::InFlight;
using beacon_gateway::mqtt::kWindow;
using namespace std::chrono_literals;

namespace {
constexpr InFlight::Clock::time_point kStart{1h};
}

TEST_CASE("an entry is taken once") {
  InFlight in_flight;
  const auto ticket = in_flight.add(7, kStart);
  REQUIRE(ticket);
  CHECK(in_flight.take(*ticket)->sequence == 7);
  CHECK_FALSE(in_flight.take(*ticket));
}

TEST_CASE("no more than the window is let in, nor more than the broker allows") {
  InFlight in_flight;
  for (std::size_t i = 0; i < kWindow; ++i) CHECK(in_flight.add(1, kStart));
  CHECK_FALSE(in_flight.add(1, kStart));

  InFlight narrow;
  narrow.set_limit(2);
  CHECK(narrow.add(1, kStart));
  const auto second = narrow.add(2, kStart);
  CHECK_FALSE(narrow.add(3, kStart));
  (void)narrow.take(*second);
  CHECK(narrow.add(3, kStart));

  narrow.set_limit(65'535);
  CHECK(narrow.limit() == kWindow);
}

TEST_CASE("closing takes the rows in order, leaves out what nobody waits for, and lets nothing in") {
  InFlight in_flight;
  const auto first = in_flight.add(9, kStart);
  (void)in_flight.add(std::nullopt, kStart);
  (void)in_flight.add(8, kStart);
  CHECK(in_flight.close() == std::vector<std::int64_t>{8, 9});
  CHECK(in_flight.close().empty());
  CHECK_FALSE(in_flight.take(*first));
  CHECK_FALSE(in_flight.add(10, kStart));
}

TEST_CASE("the oldest entry is the one that waits longest") {
  InFlight in_flight;
  CHECK_FALSE(in_flight.oldest());
  const auto first = in_flight.add(1, kStart);
  (void)in_flight.add(2, kStart + 1s);
  CHECK(in_flight.oldest() == kStart);
  (void)in_flight.take(*first);
  CHECK(in_flight.oldest() == kStart + 1s);
}

TEST_CASE("waiting ends when the last entry is taken, or at the deadline") {
  InFlight in_flight;
  CHECK(in_flight.wait_until_empty(InFlight::Clock::now()));
  const auto ticket = in_flight.add(1, kStart);
  CHECK_FALSE(in_flight.wait_until_empty(InFlight::Clock::now()));
  std::thread taker([&] { (void)in_flight.take(*ticket); });
  CHECK(in_flight.wait_until_empty(InFlight::Clock::now() + 10s));
  taker.join();
}

TEST_CASE("an answer and the end of the link never both have the row") {
  for (int round = 0; round < 200; ++round) {
    InFlight in_flight;
    const auto ticket = in_flight.add(1, kStart);
    std::atomic<int> settled{0};
    std::thread answer([&] { settled += in_flight.take(*ticket) ? 1 : 0; });
    settled += static_cast<int>(in_flight.close().size());
    answer.join();
    REQUIRE(settled == 1);
  }
}
