// What goes over the wire octet by octet, and what a broker may do that mosquitto never would.
#include <cstdlib>
#include <optional>

#include "tests/catch.hpp"
#include "tests/fakes/byte_broker.hpp"
#include "tests/fakes/log_book.hpp"
#include "tests/integration/mqtt/uplink_world.hpp"

using beacon_gateway::SendOutcome;
using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

constexpr int kConnectType = 1;
constexpr int kPublishType = 3;
constexpr int kSubscribeType = 8;

// MQTT 5.0, 2.2.2.2 and 3.1.2.3.
constexpr int kSessionExpiry = 0x11;
constexpr int kReceiveMaximum = 0x21;
constexpr int kMaximumPacketSize = 0x27;
constexpr std::uint8_t kCleanStart = 0x02;
constexpr std::uint8_t kRetainedWillAtLeastOnce = 0x2C;

// Takes the next connection as far as its CONNECT packet; the uplink is polled meanwhile. On a busy machine Paho may
// give an attempt up before it has said anything.
ConnectPacket next_connect(ByteBroker& broker, UplinkWorld& world) {
  std::optional<MqttPacket> packet;
  REQUIRE(world.poll_until(
      [&] {
        if (broker.accept(1ms)) packet = broker.read(kPatience);
        return packet.has_value();
      },
      3 * kPatience));
  REQUIRE(packet->type() == kConnectType);
  return parse_connect(*packet);
}

MqttPacket next_packet(ByteBroker& broker, int type) {
  while (true) {
    const auto packet = broker.read(kPatience);
    REQUIRE(packet);
    if (packet->type() == type) return *packet;
  }
}

// The next PUBLISH packet's identifier (MQTT 5.0, 3.3.2: behind the topic).
std::pair<std::uint8_t, std::uint8_t> next_publish(ByteBroker& broker) {
  const std::optional packet = next_packet(broker, kPublishType);
  const std::size_t topic = static_cast<std::size_t>(packet->rest[0] << 8 | packet->rest[1]);
  return {packet->rest.at(topic + 2), packet->rest.at(topic + 3)};
}

}  // namespace

TEST_CASE("every CONNECT bears version, session, keep alive and will, not only the first") {
  ByteBroker broker;
  UplinkWorld world(broker.url());
  // The long version is case 11: an old fault of Paho comes with copies of options, and not with the first.
  const char* length = std::getenv("BEACON_GATEWAY_FAULTS");
  const int rounds = length != nullptr && std::string_view{length} == "long" ? 51 : 3;
  for (int round = 0; round < rounds; ++round) {
    const auto connect = next_connect(broker, world);
    INFO("round " << round);
    CHECK(connect.level == 5);
    CHECK(connect.client_id == "acme.bkk-siam-01.gw-1");
    CHECK(connect.keep_alive_s == 20);
    CHECK((connect.flags & kCleanStart) == 0);
    CHECK(connect.flags == kRetainedWillAtLeastOnce);
    CHECK(connect.properties == std::map<int, std::uint32_t>{
                                    {kSessionExpiry, 86'400}, {kReceiveMaximum, 8}, {kMaximumPacketSize, 2U << 20U}});
    CHECK(connect.will_topic == kStatusTopic);
    CHECK_THAT(connect.will_payload, ContainsSubstring(R"("online":false)"));
    broker.write(connack());
    REQUIRE(world.poll_until_up());
    broker.cut();
    REQUIRE(world.poll_until_down());
  }
}

TEST_CASE("a broker that accepts and then says nothing costs one attempt") {
  ByteBroker broker;
  UplinkWorld world(broker.url());
  (void)next_connect(broker, world);
  REQUIRE(world.poll_until([&] { return !world.downs().empty(); }));
  broker.cut();
  (void)next_connect(broker, world);
  broker.write(connack());
  REQUIRE(world.poll_until_up());
}

TEST_CASE("half an answer and nonsense cost one attempt each") {
  ByteBroker broker;
  UplinkWorld world(broker.url());
  const Bytes answer = GENERATE(Bytes{0x20}, Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
  (void)next_connect(broker, world);
  broker.write(answer);
  broker.cut();
  REQUIRE(world.poll_until([&] { return !world.downs().empty(); }));
  (void)next_connect(broker, world);
  broker.write(connack());
  REQUIRE(world.poll_until_up());
}

TEST_CASE("a broker that refuses us says why") {
  ByteBroker broker;
  UplinkWorld world(broker.url());
  (void)next_connect(broker, world);
  broker.write({0x20, 0x03, 0x00, 0x87, 0x00});
  REQUIRE(world.poll_until([&] { return !world.downs().empty(); }));
  CHECK_THAT(world.downs()[0], ContainsSubstring("0x87 not authorized"));
}

TEST_CASE("the broker's Receive Maximum narrows the window") {
  ByteBroker broker;
  auto options = gateway_options(broker.url());
  options.status.reset();  // which would take a place
  UplinkWorld world(options);
  (void)next_connect(broker, world);
  broker.write({0x20, 0x06, 0x00, 0x00, 0x03, 0x21, 0x00, 0x03});
  REQUIRE(world.poll_until_up());
  CHECK(world.uplink().window() == 3);
  for (std::int64_t sequence = 1; sequence <= 3; ++sequence) CHECK(world.uplink().send(row(sequence), std::nullopt));
  CHECK_FALSE(world.uplink().send(row(4), std::nullopt));
}

TEST_CASE("subscribes at every connect, before the status, and a refusal costs a line in the log and nothing else") {
  const LogBook log;
  ByteBroker broker;
  UplinkWorld world(broker.url());
  for (int round = 0; round < 2; ++round) {
    (void)next_connect(broker, world);
    broker.write(connack());
    REQUIRE(world.poll_until_up());
    for (const std::string last_levels :
         {"campaigns", "gw-1/campaigns", "gw-1/command", "gw-1/profiles", "gw-1/receipts", "presence", "profiles",
          "+/events/com.beacongateway.visit.started.v1", "+/events/com.beacongateway.visit.ended.v1"}) {
      const std::string topic = "beacon-gateway/v1/acme/bkk-siam-01/" + last_levels;
      const auto packet = broker.read(kPatience);
      REQUIRE(packet);
      REQUIRE(packet->type() == kSubscribeType);
      // MQTT 5.0, 3.8.3: packet identifier, no properties, topic, options: QoS 1 and No Local.
      const std::string rest(packet->rest.begin(), packet->rest.end());
      CHECK(rest.substr(2) == std::string("\0\0", 2) + static_cast<char>(topic.size()) + topic + '\5');
      broker.write({0x90, 0x04, packet->rest[0], packet->rest[1], 0x00, 0x87});
    }
    (void)next_publish(broker);
    REQUIRE(world.poll_until([&] { return log.count("ACL") == 9; }));
    CHECK(world.up());
    REQUIRE(world.uplink().warnings().size() == 9);
    CHECK(world.uplink().warnings()[0].name == beacon_gateway::warning::kSubscriptionRefused);
    broker.cut();
    REQUIRE(world.poll_until_down());
  }
  CHECK(log.count("the broker refuses the subscription to " + kStoreProfiles + " (0x87 not authorized)") == 1);
  CHECK(log.count("the broker refuses the subscription to " + kGatewayProfiles) == 1);
}

TEST_CASE("without receipts their topic is not subscribed to") {
  ByteBroker broker;
  auto options = gateway_options(broker.url());
  options.receipts = false;
  UplinkWorld world(options);
  (void)next_connect(broker, world);
  broker.write(connack());
  REQUIRE(world.poll_until_up());
  std::string subscribed;
  for (auto packet = broker.read(kPatience); packet && packet->type() != kPublishType; packet = broker.read(kPatience))
    subscribed.append(packet->rest.begin(), packet->rest.end());
  CHECK_THAT(subscribed, ContainsSubstring(kGatewayProfiles) && ContainsSubstring(kStoreProfiles));
  CHECK_THAT(subscribed, !ContainsSubstring("/receipts"));
}

TEST_CASE("a replay subscribes to nothing") {
  ByteBroker broker;
  auto options = gateway_options(broker.url());
  options.subscribe = false;
  UplinkWorld world(options);
  (void)next_connect(broker, world);
  broker.write(connack());
  REQUIRE(world.poll_until_up());
  const auto packet = broker.read(kPatience);
  REQUIRE(packet);
  CHECK(packet->type() == kPublishType);
}

TEST_CASE("answers that come twice or for nothing settle no row but their own") {
  ByteBroker broker;
  auto options = gateway_options(broker.url());
  options.status.reset();
  UplinkWorld world(options);
  (void)next_connect(broker, world);
  broker.write(connack());
  REQUIRE(world.poll_until_up());
  REQUIRE(world.uplink().send(row(1), std::nullopt));
  REQUIRE(world.uplink().send(row(2), std::nullopt));
  const auto [high, low] = next_publish(broker);
  (void)next_publish(broker);
  broker.write({0x40, 0x02, 0x77, 0x77});  // for a packet that never was
  broker.write({0x40, 0x02, high, low});
  broker.write({0x40, 0x02, high, low});
  REQUIRE(world.poll_until_settled(2));  // the second row by the deadline
  const auto settled = world.settled();
  CHECK(settled.size() == 2);
  CHECK(settled[0].sequence == 1);
  CHECK(settled[0].outcome == SendOutcome::accepted);
  CHECK(settled[1].sequence == 2);
  CHECK(settled[1].outcome == SendOutcome::lost);
}

TEST_CASE("a broker that takes leave with a reason ends the link, and says why") {
  ByteBroker broker;
  UplinkWorld world(broker.url());
  (void)next_connect(broker, world);
  broker.write(connack());
  REQUIRE(world.poll_until_up());
  REQUIRE(world.uplink().send(row(1), std::nullopt));
  broker.write({0xE0, 0x02, 0x95, 0x00});
  REQUIRE(world.poll_until_down());
  CHECK_THAT(world.downs()[0], ContainsSubstring("0x95 packet too large"));
  REQUIRE(world.settled().size() == 1);
  CHECK(world.settled()[0].outcome == SendOutcome::lost);
}
