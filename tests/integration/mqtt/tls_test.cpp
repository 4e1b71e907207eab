// Whom the uplink trusts. The authorities are made for the test and thrown away.
#include <cstdlib>
#include <fstream>

#include "drivers/mqtt/broker_look.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/broker.hpp"
#include "tests/fakes/loopback.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/integration/mqtt/uplink_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

void openssl(const std::string& arguments) {
  const std::string command = "openssl " + arguments + " >/dev/null 2>&1";
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
}

// An authority in a folder: NAME.pem and NAME.key.
class Authority {
 public:
  Authority(const fs::path& directory, const std::string& name) : directory_(directory), name_(name) {
    openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name + " -keyout " +
            file(name, ".key") + " -out " + file(name, ".pem"));
  }

  [[nodiscard]] fs::path certificate() const { return file(name_, ".pem"); }

  // NAME.pem and NAME.key for `common_name`; with `host` also for that name or address.
  void sign(const std::string& name, const std::string& common_name, const std::string& alternative = "") const {
    openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + common_name + " -keyout " +
            file(name, ".key") + " -out " + file(name, ".csr"));
    std::string extensions;
    if (!alternative.empty()) {
      std::ofstream(file(name, ".ext")) << "subjectAltName=" << alternative << "\n";
      extensions = " -extfile " + file(name, ".ext");
    }
    openssl("x509 -req -days 2 -in " + file(name, ".csr") + " -CA " + file(name_, ".pem") + " -CAkey " +
            file(name_, ".key") + " -CAcreateserial -out " + file(name, ".pem") + extensions);
  }

 private:
  [[nodiscard]] std::string file(const std::string& name, const char* suffix) const {
    return (directory_ / (name + suffix)).string();
  }

  fs::path directory_;
  std::string name_;
};

// A broker for the holders of the authority's certificates, itself known by `known_as`. By address, not as localhost: a
// machine without /etc/hosts does not know that name.
struct TlsWorld {
  std::string known_as = "IP:127.0.0.1";
  TemporaryDirectory keys{};
  Authority authority{keys.path(), "authority"};
  Authority stranger{keys.path(), "stranger"};
  Broker broker = started();

  [[nodiscard]] Broker started() const {
    authority.sign("broker", "broker", known_as);
    authority.sign("gateway", "gw-1.acme");
    BrokerOptions options;
    options.extra = "cafile " + authority.certificate().string() + "\ncertfile " +
                    (keys.path() / "broker.pem").string() + "\nkeyfile " + (keys.path() / "broker.key").string() +
                    "\nrequire_certificate true\n";
    return Broker(options);
  }

  [[nodiscard]] beacon_gateway::mqtt::MqttOptions options() const {
    auto options = gateway_options("mqtts://127.0.0.1:" + std::to_string(broker.port()));
    options.ca_file = authority.certificate();
    options.cert_file = keys.path() / "gateway.pem";
    options.key_file = keys.path() / "gateway.key";
    return options;
  }
};

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
}

TEST_CASE("a broker of another authority is refused") {
  const TlsWorld tls;
  auto options = tls.options();
  options.ca_file = tls.stranger.certificate();
  UplinkWorld world(options);
  REQUIRE(world.poll_until([&] { return !world.downs().empty(); }));
  CHECK_THAT(world.downs()[0], ContainsSubstring("of another authority"));
  CHECK_FALSE(world.up());
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

TEST_CASE("a certificate that cannot be read stops the start") {
  auto options = gateway_options("mqtts://localhost");
  options.cert_file = "/nowhere/at/all.pem";
  CHECK_THROWS_AS(beacon_gateway::mqtt::MqttUplink(options), std::runtime_error);
  CHECK_THROWS_AS(beacon_gateway::mqtt::MqttUplink(gateway_options("http://localhost")), std::runtime_error);
}
