// What the orchestrator sends, through a real mosquitto: it arrives, checked, and a gateway that is busy with it goes
// on sending.
#include <fstream>
#include <future>

#include "tests/catch.hpp"
#include "tests/fakes/broker.hpp"
#include "tests/fakes/signer.hpp"
#include "tests/fakes/subscriber.hpp"
#include "tests/integration/mqtt/uplink_world.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

mqtt::MqttOptions believing_options(const std::string& url) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "orchestrator.pem";
  std::ofstream{file} << kPublicKey;
  auto options = gateway_options(url);
  options.trusted_keys = std::make_shared<const TrustedKeys>(TrustedKeys::read({file}).value());
  return options;
}

std::string message(int sequence, std::size_t padding = 0) {
  return sign(R"({"tenant":"acme","store":"bkk-siam-01","iat":1795316400,"seq":)" + std::to_string(sequence) +
              R"(,"revision":)" + std::to_string(sequence) + R"(,"padding":")" + std::string(padding, 'x') + R"("})");
}

// What is published before a subscription would be nobody's; of those that are used here this is the last one.
void poll_until_subscribed(UplinkWorld& world, const Broker& broker) {
  REQUIRE(world.poll_until_up());
  REQUIRE(world.poll_until([&] { return broker.log().find(" 1 " + kStoreProfiles + "\n") != std::string::npos; }));
}

// Leaves a session with the subscriptions in it.
void subscribe_once(const Broker& broker, const mqtt::MqttOptions& options) {
  UplinkWorld world(options);
  poll_until_subscribed(world, broker);
  world.uplink().stop(1s);
}

std::size_t messages_sent(const Broker& broker) {
  const std::string log = broker.log();
  std::size_t count = 0;
  for (std::size_t at = 0; (at = log.find("Sending PUBLISH to acme", at)) != std::string::npos; ++at) ++count;
  return count;
}

std::int64_t revision_of(const Downlink& downlink) {
  REQUIRE(std::holds_alternative<ProfilesMessage>(downlink.content));
  return std::get<ProfilesMessage>(downlink.content).revision;
}

}  // namespace

TEST_CASE("messages of all topics arrive in their order, with their claims") {
  Broker broker;
  UplinkWorld world(believing_options(broker.url()));
  poll_until_subscribed(world, broker);
  Subscriber orchestrator(broker.port(), {});
  orchestrator.publish(kStoreProfiles, message(1));
  orchestrator.publish(kGatewayProfiles, message(2));
  orchestrator.publish(kReceipts, sign(R"({"tenant":"acme","store":"bkk-siam-01","iat":1795316400,"seq":1,"ids":[")" +
                                       row(1).id + R"("]})"));
  REQUIRE(world.poll_until_received(3));
  const auto received = world.received();
  CHECK(std::get<ReceiptsMessage>(received[2].content).event_ids == std::vector<std::string>{row(1).id});
  CHECK(received[0].topic == DownlinkTopic::store_profiles);
  CHECK(received[0].claims->key_id == "orchestrator");
  CHECK(revision_of(received[0]) == 1);
  CHECK(received[1].topic == DownlinkTopic::gateway_profiles);
  CHECK(revision_of(received[1]) == 2);
}

TEST_CASE("what is not believed arrives as a refusal") {
  Broker broker;
  UplinkWorld world(believing_options(broker.url()));
  poll_until_subscribed(world, broker);
  Subscriber orchestrator(broker.port(), {});
  orchestrator.publish(kStoreProfiles, R"({"revision":1})");
  orchestrator.publish_wrong(kStoreProfiles, std::string(kMostDownlinkOctets + 1, 'x'));
  REQUIRE(world.poll_until_received(2));
  CHECK(std::get<DownlinkRefusal>(world.received()[0].content) == DownlinkRefusal::not_signed);
  CHECK(std::get<DownlinkRefusal>(world.received()[1].content) == DownlinkRefusal::too_large);
}

TEST_CASE("what came while the gateway was away arrives when it is back") {
  Broker broker;
  const auto options = believing_options(broker.url());
  subscribe_once(broker, options);
  Subscriber orchestrator(broker.port(), {});
  orchestrator.publish(kStoreProfiles, message(1));
  UplinkWorld world(options);
  REQUIRE(world.poll_until_received(1));
  CHECK(revision_of(world.received()[0]) == 1);
}

TEST_CASE("tells which revision it holds, as long as there is a link") {
  Broker broker;
  Subscriber orchestrator(broker.port(), {kSyncTopic});
  UplinkWorld world(broker.url());
  CHECK_FALSE(world.uplink().send_sync(1));
  REQUIRE(world.poll_until_up());
  CHECK(world.uplink().send_sync(42));
  REQUIRE(orchestrator.wait_for(1, kPatience));
  CHECK(orchestrator.received()[0].payload == R"({"have_revision":42})");
  CHECK(orchestrator.received()[0].quality_of_service == 1);
}

TEST_CASE("a sync that finds no free place goes as soon as there is one") {
  Broker broker;
  Subscriber orchestrator(broker.port(), {kSyncTopic});
  auto options = gateway_options(broker.url());
  options.timing.acknowledgement_deadline = kPatience;
  UplinkWorld world(options);
  REQUIRE(world.poll_until_up());
  const auto downs = world.downs();  // an attempt may have timed out
  broker.freeze();
  for (std::int64_t sequence = 1; world.uplink().send(row(sequence), std::nullopt);) ++sequence;
  CHECK(world.uplink().send_sync(42));
  broker.thaw();
  REQUIRE(world.poll_until([&] { return !orchestrator.received().empty(); }));
  CHECK(world.downs() == downs);
}

TEST_CASE("while the listener waits for room, rows go out and are answered, and the link holds") {
  constexpr int kMessages = 24;  // of 600 kB: three times what the inbox has room for
  constexpr std::size_t kPadding = 450'000;
  constexpr std::int64_t kRows = 15;
  std::vector<std::string> messages;
  for (int sequence = 1; sequence <= kMessages; ++sequence) messages.push_back(message(sequence, kPadding));

  Broker broker;
  auto options = believing_options(broker.url());
  options.timing.acknowledgement_deadline = 5s;
  // Published while the gateway is away: in this process the orchestrator would be slowed by Paho's one mutex too.
  subscribe_once(broker, options);
  for (Subscriber orchestrator(broker.port(), {}); const auto& one : messages)
    orchestrator.publish(kStoreProfiles, one);

  UplinkWorld world(options);
  world.hold();
  REQUIRE(world.poll_until_up());
  const auto downs = world.downs();
  REQUIRE(world.poll_until([&] { return world.waiting(); }));
  // The broker sends eight ahead of what was read: the room for seven is used up, the others have to pause.
  REQUIRE(world.poll_until([&] { return messages_sent(broker) >= 17; }));

  const auto began = std::chrono::steady_clock::now();
  for (std::int64_t sequence = 1; sequence <= kRows; ++sequence)
    REQUIRE(world.uplink().send(row(sequence), std::nullopt));
  CHECK(std::chrono::steady_clock::now() - began < 1s);  // the caller's thread is the gateway's loop
  REQUIRE(world.poll_until_settled(kRows));
  for (const auto& settled : world.settled()) CHECK(settled.outcome == SendOutcome::accepted);
  CHECK(world.received().empty());

  world.release();
  REQUIRE(world.poll_until_received(kMessages));
  const auto received = world.received();
  for (int i = 0; i < kMessages; ++i) CHECK(revision_of(received[static_cast<std::size_t>(i)]) == i + 1);
  CHECK(world.downs() == downs);
}

TEST_CASE("stopping waits for a listener that waits, and for nothing more") {
  Broker broker;
  UplinkWorld world(believing_options(broker.url()));
  poll_until_subscribed(world, broker);
  world.hold();
  Subscriber orchestrator(broker.port(), {});
  orchestrator.publish(kStoreProfiles, message(1));
  orchestrator.publish(kStoreProfiles, message(2));
  REQUIRE(world.poll_until([&] { return world.waiting(); }));
  auto stopped = std::async(std::launch::async, [&] { world.uplink().stop(1s); });
  CHECK(stopped.wait_for(0ms) == std::future_status::timeout);
  world.release();
  REQUIRE(stopped.wait_for(kPatience) == std::future_status::ready);
  CHECK(world.received().size() <= 2);  // the second had its chance only before the stop
}
