// Whom the uplink trusts. The authorities are made for the test and thrown away.
#include "drivers/mqtt/broker_look.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/loopback.hpp"
#include "tests/integration/mqtt/tls_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

// What is warned of once it is known why the broker's certificate is not believed; nothing else is.
std::string distrust(UplinkWorld& world) {
  const auto known = [&] {
    const auto warnings = world.uplink().warnings();
    return warnings.size() == 1 && warnings[0].name == beacon_gateway::warning::kTlsFailed &&
           warnings[0].text.find("is not believed") != std::string::npos;
  };
  return world.poll_until(known) ? world.uplink().warnings()[0].text : "";
}

}  // namespace

TEST_CASE("with the right authority and name the link is up, and the certificate is the identity") {
  const TlsWorld tls;
  UplinkWorld world(tls.options());
  CHECK(world.uplink().client_id() == "gw-1.acme");
  REQUIRE(world.poll_until_up());
  CHECK_THAT(tls.broker.log(), ContainsSubstring("as gw-1.acme"));
}

TEST_CASE("a look goes all the way to the broker, or says where it ended and why") {
  using beacon_gateway::BrokerStep;
  const TlsWorld tls;
  const auto look = [](const beacon_gateway::mqtt::MqttOptions& options) {
    return beacon_gateway::mqtt::look_at_broker(options, true, 2s);
  };
  const auto good = look(tls.options());
  CHECK_FALSE(good.stopped_at);
  CHECK(good.client_id == "gw-1.acme");
  CHECK_THAT(tls.broker.log(), ContainsSubstring("as gw-1.acme"));
  REQUIRE(good.broker_certificate_ends);
  REQUIRE(good.own_certificate_ends);
  CHECK(*good.broker_certificate_ends > std::chrono::system_clock::now());

  auto stranger = tls.options();
  stranger.ca_file = tls.stranger.certificate();
  const auto untrusted = look(stranger);
  CHECK(untrusted.stopped_at == BrokerStep::encryption);
  CHECK_THAT(untrusted.why, ContainsSubstring("certificate"));
  CHECK(untrusted.broker_certificate_ends.has_value());  // told of all the same

  auto nameless = tls.options();
  nameless.cert_file.reset();
  nameless.key_file.reset();
  CHECK(look(nameless).stopped_at >= BrokerStep::encryption);  // TLS 1.3: refused after the handshake
  auto unreadable = tls.options();
  unreadable.ca_file = "/nonexistent/ca.pem";
  CHECK_THAT(look(unreadable).why, ContainsSubstring("/nonexistent/ca.pem"));
  auto nobody = tls.options();
  nobody.url = "mqtts://127.0.0.1:" + std::to_string(free_port());
  CHECK(look(nobody).stopped_at == BrokerStep::connection);
  nobody.url = "mqtts://no-such-host.invalid";
  CHECK(look(nobody).stopped_at == BrokerStep::name);

  const TlsWorld elsewhere{"DNS:elsewhere.example"};
  const auto misnamed = look(elsewhere.options());
  CHECK(misnamed.stopped_at == BrokerStep::encryption);
  CHECK_THAT(misnamed.why, ContainsSubstring("mismatch"));
}

TEST_CASE("a broker of another name is refused") {
  const TlsWorld tls{"DNS:elsewhere.example"};
  UplinkWorld world(tls.options());
  REQUIRE(world.poll_until([&] { return !world.downs().empty(); }));
  CHECK_THAT(world.downs()[0], ContainsSubstring("the certificate is not for 127.0.0.1"));
  CHECK_FALSE(world.up());
  CHECK_THAT(distrust(world), ContainsSubstring("mismatch"));
}

TEST_CASE("a broker of another authority is refused") {
  const TlsWorld tls;
  auto options = tls.options();
  options.ca_file = tls.stranger.certificate();
  UplinkWorld world(options);
  REQUIRE(world.poll_until([&] { return !world.downs().empty(); }));
  CHECK_THAT(world.downs()[0], ContainsSubstring("of another authority"));
  CHECK_FALSE(world.up());
  CHECK_THAT(distrust(world), ContainsSubstring("issuer") || ContainsSubstring("self-signed"));
}

TEST_CASE("a broker whose certificate has expired is refused, and that is told apart from a broker that is away") {
  TlsWorld tls{"IP:127.0.0.1", "-1"};
  UplinkWorld world(tls.options());
  REQUIRE(world.poll_until([&] { return !world.downs().empty(); }));
  CHECK_THAT(world.downs()[0], ContainsSubstring("certificate expired"));
  CHECK_FALSE(world.up());
  CHECK_THAT(distrust(world), ContainsSubstring("expired"));
  CHECK_THAT(tls.broker.log(), !ContainsSubstring("New client connected"));
  tls.broker.stop();
  const auto before = world.downs().size();
  REQUIRE(world.poll_until([&] { return world.downs().size() > before + 1; }));
  CHECK_THAT(world.downs().back(), !ContainsSubstring("handshake failed"));
}

TEST_CASE("a broker that shows a box's certificate of the same authority is refused") {
  const TlsWorld tls{""};  // no name of a host in it, as in ours
  UplinkWorld world(tls.options());
  REQUIRE(world.poll_until([&] { return !world.downs().empty(); }));
  CHECK_THAT(world.downs()[0], ContainsSubstring("the certificate is not for 127.0.0.1"));
  CHECK_THAT(distrust(world), ContainsSubstring("mismatch"));
  CHECK_THAT(tls.broker.log(), !ContainsSubstring("New client connected"));
}

TEST_CASE("without a certificate of its own the broker refuses it") {
  const TlsWorld tls;
  auto options = tls.options();
  options.cert_file.reset();
  options.key_file.reset();
  UplinkWorld world(options);
  CHECK(world.uplink().client_id() == "acme.bkk-siam-01.gw-1");
  REQUIRE(world.poll_until([&] { return !world.downs().empty(); }));
  CHECK_FALSE(world.up());
}

TEST_CASE("a certificate that cannot be read stops the start", "[brokerless]") {
  auto options = gateway_options("mqtts://localhost");
  options.cert_file = "/nowhere/at/all.pem";
  CHECK_THROWS_AS(beacon_gateway::mqtt::MqttUplink(options), std::runtime_error);
  CHECK_THROWS_AS(beacon_gateway::mqtt::MqttUplink(gateway_options("http://localhost")), std::runtime_error);
}
