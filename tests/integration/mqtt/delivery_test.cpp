// What reaches the orchestrator through a real mosquitto.
#include "tests/catch.hpp"
#include "tests/fakes/broker.hpp"
#include "tests/fakes/subscriber.hpp"
#include "tests/fakes/tcp_proxy.hpp"
#include "tests/integration/mqtt/uplink_world.hpp"

using beacon_gateway::SendOutcome;
using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

const std::string kHealthTopic = "beacon-gateway/v1/acme/bkk-siam-01/gw-1/health";

// Whether the newest message contains `text`.
auto says(const std::string& text) {
  return [text](const Subscriber::Messages& messages) {
    return !messages.empty() && messages.back().payload.find(text) != std::string::npos;
  };
}

}  // namespace

TEST_CASE("an event arrives as it is, with its properties, and is accepted") {
  Broker broker;
  Subscriber orchestrator(broker.port(), {kTriggerTopic, kHealthTopic});
  UplinkWorld world(broker.url());
  beacon_gateway::Health health{};
  world.uplink().send_health(health);  // no link yet: gone, and no harm
  REQUIRE(world.poll_until_up());
  CHECK(world.uplink().client_id() == "acme.bkk-siam-01.gw-1");

  REQUIRE(world.uplink().send(row(1), 120s));
  REQUIRE(world.uplink().send(row(2), std::nullopt));
  health.open_visits = 7;
  world.uplink().send_health(health);
  REQUIRE(orchestrator.wait_for(3, kPatience));
  REQUIRE(world.poll_until_settled(2));

  const auto messages = orchestrator.received();
  CHECK(messages[0].payload == row(1).payload);
  CHECK(messages[0].content_type == "application/cloudevents+json");
  CHECK(messages[0].payload_format == 1);
  CHECK(messages[0].quality_of_service == 1);
  CHECK_FALSE(messages[0].retained);
  REQUIRE(messages[0].expiry_s);
  CHECK(*messages[0].expiry_s <= 120);
  CHECK(*messages[0].expiry_s >= 100);
  CHECK_FALSE(messages[1].expiry_s);
  CHECK(messages[2].topic == kHealthTopic);
  CHECK(messages[2].payload.starts_with(R"({"time":)"));
  for (const auto& settled : world.settled()) CHECK(settled.outcome == SendOutcome::accepted);
}

TEST_CASE("an event that nobody subscribed to is accepted all the same") {
  Broker broker;
  UplinkWorld world(broker.url());
  REQUIRE(world.poll_until_up());
  REQUIRE(world.uplink().send(row(1), std::nullopt));
  REQUIRE(world.poll_until_settled(1));
  CHECK(world.settled()[0].outcome == SendOutcome::accepted);
}

TEST_CASE("a thousand events pass through the window, each settled once") {
  Broker broker;
  Subscriber orchestrator(broker.port(), {kTriggerTopic});
  UplinkWorld world(broker.url());
  REQUIRE(world.poll_until_up());
  constexpr std::int64_t kRows = 1'000;
  std::int64_t next = 1;
  REQUIRE(world.poll_until([&] {
    while (next <= kRows && world.uplink().send(row(next), std::nullopt)) ++next;
    return world.settled().size() >= kRows;
  }));
  REQUIRE(orchestrator.wait_for(kRows, kPatience));
  const auto messages = orchestrator.received();
  REQUIRE(messages.size() == kRows);
  for (std::int64_t sequence = 1; const auto& message : messages) REQUIRE(message.payload == row(sequence++).payload);
  CHECK(world.settled().size() == kRows);
}

TEST_CASE("after a goodbye the retained status says offline") {
  Broker broker;
  UplinkWorld world(broker.url());
  REQUIRE(world.poll_until_up());
  world.uplink().stop(2s);
  Subscriber newcomer(broker.port(), {kStatusTopic});
  REQUIRE(newcomer.wait_for(says(R"({"online":false,"version":"0.1.0","session":"session-1")"), kPatience));
  CHECK(newcomer.received().back().retained);
  CHECK_THAT(broker.log(), ContainsSubstring("Received DISCONNECT from acme.bkk-siam-01.gw-1"));
}

TEST_CASE("when the box falls dead the retained will says offline, and on its return the status online") {
  Broker broker;
  TcpProxy wire(broker.port());
  UplinkWorld world("mqtt://127.0.0.1:" + std::to_string(wire.port()));
  REQUIRE(world.poll_until_up());
  wire.cut();
  REQUIRE(world.poll_until_down());
  Subscriber newcomer(broker.port(), {kStatusTopic});
  REQUIRE(newcomer.wait_for(says(R"("online":false)"), kPatience));
  CHECK(newcomer.received().back().retained);
  wire.mend();
  REQUIRE(world.poll_until_up());
  CHECK(newcomer.wait_for(says(R"("online":true)"), kPatience));
}

TEST_CASE("a replay neither throws the daemon out nor speaks for it") {
  Broker broker;
  UplinkWorld daemon(broker.url());
  REQUIRE(daemon.poll_until_up());

  auto options = gateway_options(broker.url());
  options.client_id_suffix = "-replay";
  options.status.reset();
  options.subscribe = false;
  UplinkWorld replay(options);
  CHECK(replay.uplink().client_id() == "acme.bkk-siam-01.gw-1-replay");
  REQUIRE(replay.poll_until_up());
  REQUIRE(replay.uplink().send(row(1), std::nullopt));
  REQUIRE(replay.poll_until_settled(1));
  replay.uplink().stop(2s);

  REQUIRE(daemon.uplink().send(row(1), std::nullopt));
  REQUIRE(daemon.poll_until_settled(1));
  CHECK(daemon.downs().empty());
  const std::string log = broker.log();
  const std::string status_of_daemon = "'" + kStatusTopic + "'";
  CHECK(log.find(status_of_daemon) != std::string::npos);
  CHECK(log.find(status_of_daemon) == log.rfind(status_of_daemon));
}
