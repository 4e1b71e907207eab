// What happens to rows and link when a real mosquitto fails, refuses or goes.
#include <sys/socket.h>

#include <set>

#include "tests/catch.hpp"
#include "tests/fakes/broker.hpp"
#include "tests/fakes/loopback.hpp"
#include "tests/fakes/subscriber.hpp"
#include "tests/integration/mqtt/uplink_world.hpp"

using beacon_gateway::SendOutcome;
using namespace beacon_gateway_test;
using namespace std::chrono_literals;

TEST_CASE("a frozen broker: no more than the window is handed over, each row is lost once, and all arrive later") {
  Broker broker;
  Subscriber orchestrator(broker.port(), {kTriggerTopic});
  UplinkWorld world(broker.url());
  REQUIRE(world.poll_until_up());
  REQUIRE(world.poll_until([&] { return broker.log().find("/status'") != std::string::npos; }));

  broker.freeze();
  std::int64_t handed = 0;
  while (world.uplink().send(row(handed + 1), std::nullopt)) ++handed;
  CHECK(handed <= static_cast<std::int64_t>(world.uplink().window()));
  CHECK(handed >= static_cast<std::int64_t>(world.uplink().window()) - 1);  // the status may still have its place
  REQUIRE(world.poll_until_down());
  CHECK_THAT(world.downs()[0], ContainsSubstring("does not answer"));
  CHECK_FALSE(world.uplink().send(row(99), std::nullopt));

  const auto lost = world.settled();
  std::set<std::int64_t> sequences;
  for (const auto& settled : lost) {
    CHECK(settled.outcome == SendOutcome::lost);
    sequences.insert(settled.sequence);
  }
  CHECK(lost.size() == static_cast<std::size_t>(handed));
  CHECK(sequences.size() == lost.size());

  broker.thaw();
  REQUIRE(world.poll_until_up());
  REQUIRE(world.uplink().send(row(1), std::nullopt));
  REQUIRE(world.poll_until_settled(lost.size() + 1));
  CHECK(world.settled().back().outcome == SendOutcome::accepted);
  CHECK(world.settled().size() == lost.size() + 1);
}

TEST_CASE("a broker that stops and starts again is found again") {
  Broker broker;
  UplinkWorld world(broker.url());
  REQUIRE(world.poll_until_up());

  const bool killed = GENERATE(true, false);
  killed ? broker.kill() : broker.stop();
  REQUIRE(world.poll_until_down());
  REQUIRE(world.poll_until([&] { return world.downs().size() >= 3; }));  // and the attempts in between

  broker.start();
  REQUIRE(world.poll_until_up());
  REQUIRE(world.uplink().send(row(1), std::nullopt));
  REQUIRE(world.poll_until_settled(1));
  CHECK(world.settled()[0].outcome == SendOutcome::accepted);
}

TEST_CASE("no broker at all: attempts go on", "[brokerless]") {
  UplinkWorld world("mqtt://127.0.0.1:1");
  REQUIRE(world.poll_until([&] { return world.downs().size() >= 5; }));
  CHECK_FALSE(world.up());
  CHECK_FALSE(world.uplink().send(row(1), std::nullopt));
}

TEST_CASE("an event that the broker's rules forbid is held, and passes once they allow it") {
  Broker broker(BrokerOptions{.acl = "topic write " + kStatusTopic + "\n"});
  UplinkWorld world(broker.url());
  REQUIRE(world.poll_until_up());
  REQUIRE(world.uplink().send(row(1), std::nullopt));
  REQUIRE(world.poll_until_settled(1));
  CHECK(world.settled()[0].outcome == SendOutcome::held);
  CHECK(world.settled()[0].why == "0x87 not authorized");

  broker.set_acl("topic write " + kStatusTopic + "\ntopic write " + kTriggerTopic + "\n");
  REQUIRE(world.poll_until([&] {
    (void)world.uplink().send(row(2), std::nullopt);
    const auto settled = world.settled();
    return settled.back().outcome == SendOutcome::accepted;
  }));
  CHECK(world.downs().empty());
}

TEST_CASE("an event larger than the broker takes is refused, and the link goes on") {
  Broker broker(BrokerOptions{.max_packet_size = 2'000});
  UplinkWorld world(broker.url());
  REQUIRE(world.poll_until_up());
  REQUIRE(world.uplink().send(row(1, std::string(2'000, 'x')), std::nullopt));
  REQUIRE(world.poll_until_settled(1));
  CHECK(world.settled()[0].outcome == SendOutcome::refused);
  CHECK(world.settled()[0].why == "0x95 packet too large");

  REQUIRE(world.uplink().send(row(2, std::string(1'000, 'x')), std::nullopt));
  REQUIRE(world.poll_until_settled(2));
  CHECK(world.settled()[1].outcome == SendOutcome::accepted);
  CHECK(world.downs().empty());
}

TEST_CASE("thrown out again and again by a box with the same identity: steps back and says so") {
  Broker broker;
  auto options = gateway_options(broker.url());
  options.timing.reconnect.short_link = 10s;
  UplinkWorld world(options);

  for (int round = 1; round <= 3; ++round) {
    REQUIRE(world.poll_until_up());
    Socket rival = connect_to_loopback(broker.port());
    const std::string identity = world.uplink().client_id();
    // MQTT 5.0, 3.1: clean start, keep alive 60 s, no properties.
    std::string connect = "\x10_" + std::string("\0\4MQTT\5\2\0\x3C\0\0_", 13) + identity;
    connect[1] = static_cast<char>(connect.size() - 2);
    connect[14] = static_cast<char>(identity.size());
    REQUIRE(::send(rival.get(), connect.data(), connect.size(), MSG_NOSIGNAL) > 0);
    REQUIRE(world.poll_until_down());
    CHECK((world.downs().back().find("duplicate_identity") != std::string::npos) == (round == 3));
  }
}

TEST_CASE("stopping leaves a broken broker behind within its grace") {
  Broker broker;
  UplinkWorld world(broker.url());
  REQUIRE(world.poll_until_up());
  broker.freeze();
  CHECK(world.uplink().send(row(1), std::nullopt));
  world.uplink().stop(200ms);
  const auto settled = world.settled().size();
  CHECK_FALSE(world.uplink().send(row(2), std::nullopt));
  world.uplink().poll();
  world.uplink().stop(200ms);  // twice does no harm
  CHECK(world.settled().size() == settled);
}
