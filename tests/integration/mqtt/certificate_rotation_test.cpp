// A new certificate for a gateway that runs: used without loss if it is good, left alone if it is not.
#include <algorithm>
#include <fstream>

#include "drivers/mqtt/credential_rotation.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/subscriber.hpp"
#include "tests/integration/mqtt/tls_world.hpp"

using beacon_gateway::SendOutcome;
using namespace beacon_gateway;
using namespace beacon_gateway_test;
using namespace std::chrono_literals;
using mqtt::CredentialRotation;

namespace {

namespace fs = std::filesystem;

// A gateway's three files, and hands that replace them.
struct Files {
  TemporaryDirectory folder{};
  Authority authority{folder.path(), "authority"};

  Files() { issue(); }
  void issue(const std::string& common_name = "gw-1", const std::string& days = "2") const {
    authority.sign("gateway", common_name, "", days);
  }
  [[nodiscard]] fs::path file(const std::string& name) const { return folder.path() / name; }
  [[nodiscard]] mqtt::CredentialFiles names() const {
    return {authority.certificate(), file("gateway.pem"), file("gateway.key")};
  }
};

CredentialRotation::Time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string only_warning(const CredentialRotation& rotation, CredentialRotation::Time at = now()) {
  const Warnings warnings = rotation.warnings(at);
  return warnings.size() == 1 ? std::string{warnings[0].name} + " " + warnings[0].text
                              : std::to_string(warnings.size());
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream{file} << text;
}

}  // namespace

TEST_CASE("files of no use are refused at the start, by name and with the reason", "[brokerless]") {
  const Files files;
  const auto [broken, why] = GENERATE(table<std::string, std::string>(
      {{"gateway.pem", "no certificate"}, {"gateway.key", "no private key"}, {"authority.pem", "no certificate"}}));
  SECTION("not PEM") {
    write(files.file(broken), "nothing");
    CHECK_THROWS_WITH(CredentialRotation(files.names()), ContainsSubstring(broken + ": " + why));
  }
  SECTION("gone") {
    fs::remove(files.file(broken));
    CHECK_THROWS_WITH(CredentialRotation(files.names()), ContainsSubstring(broken + ": cannot be read"));
  }
}

TEST_CASE("a key of another certificate, a key with a passphrase and a key alone are refused", "[brokerless]") {
  const Files files;
  auto names = files.names();
  std::string why;
  SECTION("another's") {
    names.key = files.file("authority.key");
    why = "not the key of the certificate";
  }
  SECTION("with a passphrase: nobody is asked for it") {
    openssl("ec -aes128 -passout pass:secret -in " + files.file("gateway.key").string() + " -out " +
            files.file("locked.key").string());
    names.key = files.file("locked.key");
    why = "passphrase";
  }
  SECTION("alone") {
    names.certificate.reset();
    why = "come together";
  }
  CHECK_THROWS_WITH(CredentialRotation(names), ContainsSubstring(why));
}

TEST_CASE("what is read stays as it was, whatever happens to the files", "[brokerless]") {
  const Files files;
  CredentialRotation rotation(files.names());
  CHECK_FALSE(rotation.look(now(), true));
  fs::remove(files.file("gateway.key"));
  const auto key = rotation.for_attempt()->key();
  REQUIRE(key);
  std::string line;
  std::getline(std::ifstream{*key}, line);
  CHECK_THAT(line, ContainsSubstring("PRIVATE KEY"));
}

TEST_CASE("a new certificate is tried in turn with the old one until a link with it is up", "[brokerless]") {
  const Files files;
  CredentialRotation rotation(files.names());
  const auto old = rotation.for_attempt();
  files.issue();
  CHECK(rotation.look(now(), false));
  CHECK_FALSE(rotation.look(now(), false));  // seen already
  const auto fresh = rotation.for_attempt();
  CHECK(fresh != old);
  CHECK(rotation.for_attempt() == old);  // the broker is away
  CHECK(rotation.for_attempt() == fresh);
  rotation.came_up();
  CHECK(rotation.for_attempt() == fresh);
  CHECK(rotation.for_attempt() == fresh);
  CHECK(rotation.warnings(now()).empty());
}

TEST_CASE("a new certificate that the broker does not take is told, and the old one stays", "[brokerless]") {
  const Files files;
  CredentialRotation rotation(files.names());
  const auto old = rotation.for_attempt();
  files.issue();
  REQUIRE(rotation.look(now(), false));
  (void)rotation.for_attempt();
  CHECK(rotation.for_attempt() == old);
  rotation.came_up();
  CHECK_THAT(only_warning(rotation), ContainsSubstring("certificate_refused") && ContainsSubstring("old one only"));
  CHECK(&rotation.in_use() == old.get());
  CHECK(rotation.for_attempt() != old);  // with the next link once more
  rotation.came_up();
  CHECK(rotation.warnings(now()).empty());
}

TEST_CASE("a new certificate that is no good is not tried", "[brokerless]") {
  const Files files;
  CredentialRotation rotation(files.names());
  const auto old = rotation.for_attempt();
  std::string why;
  auto at = now();
  SECTION("expired") {
    files.issue("gw-1", "-1");
    why = "has expired";
  }
  SECTION("not valid yet") {
    files.issue();
    at -= 24h;
    why = "not valid yet";
  }
  SECTION("of another gateway") {
    files.issue("gw-2");
    why = "names another gateway, gw-2 and not gw-1";
  }
  SECTION("its key was not replaced") {
    openssl("ecparam -genkey -name prime256v1 -noout -out " + files.file("gateway.key").string());
    why = "not the key";
  }
  SECTION("half written") {
    write(files.file("gateway.pem"), "-----BEGIN CERTIFICATE-----\nMII");
    why = "no certificate";
  }
  CHECK_FALSE(rotation.look(at, false));
  CHECK(rotation.warnings(old->validity()->from).empty());  // maybe somebody is still writing
  CHECK_FALSE(rotation.look(at, false));
  CHECK_THAT(only_warning(rotation, old->validity()->from),
             ContainsSubstring("certificate_refused") && ContainsSubstring(why));
  CHECK(rotation.for_attempt() == old);
  CHECK(rotation.for_attempt() == old);
  files.issue();
  CHECK(rotation.look(now(), false));
  CHECK(rotation.warnings(now()).empty());
}

TEST_CASE("who asks is told of a fault at once", "[brokerless]") {
  const Files files;
  CredentialRotation rotation(files.names());
  write(files.file("gateway.pem"), "nothing");
  CHECK_FALSE(rotation.look(now(), true));
  CHECK_THAT(only_warning(rotation), ContainsSubstring("gateway.pem: no certificate"));
}

TEST_CASE("the end of a certificate is told in the last quarter of its life, or two weeks before", "[brokerless]") {
  const auto [days, quiet, warned] =
      GENERATE(table<std::string, int, int>({{"2", 13, 11}, {"365", 15 * 24, 13 * 24}}));  // hours left
  const Files files;
  files.issue("gw-1", days);
  const CredentialRotation rotation(files.names());
  const auto end = rotation.in_use().validity()->until;
  CHECK(rotation.warnings(end - std::chrono::hours{quiet}).empty());
  CHECK_THAT(only_warning(rotation, end - std::chrono::hours{warned}), ContainsSubstring("certificate_expires"));
  CHECK_THAT(only_warning(rotation, end - 25h), ContainsSubstring(days == "2" ? "0" : "expires in 1 day:"));
  CHECK_THAT(only_warning(rotation, end), ContainsSubstring("has expired"));
}

namespace {

// An uplink that sends row after row.
class Traffic {
 public:
  explicit Traffic(mqtt::MqttOptions options) : world(patient(std::move(options))) {}

  // True once `enough` holds, with rows under way all the time.
  bool goes_on_until(const std::function<bool()>& enough) {
    return world.poll_until([&] {
      while (world.up() && world.uplink().send(row(sent + 1), std::nullopt)) ++sent;
      return enough();
    });
  }
  [[nodiscard]] bool all_accepted() {
    if (!world.poll_until_settled(static_cast<std::size_t>(sent))) return false;
    const auto settled = world.settled();
    return std::ranges::all_of(settled, [](const Settled& one) { return one.outcome == SendOutcome::accepted; });
  }

  UplinkWorld world;
  std::int64_t sent = 0;

 private:
  // Attempts are counted here: none may fail only because the machine is busy.
  static mqtt::MqttOptions patient(mqtt::MqttOptions options) {
    options.timing.connect_deadline = 10s;
    options.timing.acknowledgement_deadline = 10s;
    return options;
  }
};

std::size_t connections(const TlsWorld& tls) {
  const std::string log = tls.broker.log();
  std::size_t count = 0;
  for (std::size_t at = 0; (at = log.find("New client connected", at)) != std::string::npos; ++at) ++count;
  return count;
}

}  // namespace

TEST_CASE("a new certificate under load costs one reconnect, and no row is lost or sent twice") {
  TlsWorld tls;
  auto options = tls.options();
  const bool asked = GENERATE(false, true);
  if (!asked) options.timing.credentials_look = 20ms;  // found without a word to the gateway
  Traffic traffic(options);
  REQUIRE(traffic.goes_on_until([&] { return traffic.sent > 100; }));
  tls.authority.sign("gateway", "gw-1.acme");
  if (asked) {  // while rows are in flight for certain
    tls.broker.freeze();
    while (traffic.world.uplink().send(row(traffic.sent + 1), std::nullopt)) ++traffic.sent;
    traffic.world.uplink().look_at_credentials();
    traffic.world.uplink().poll();
    CHECK_FALSE(traffic.world.uplink().send(row(traffic.sent + 1), std::nullopt));
    tls.broker.thaw();
  }
  REQUIRE(traffic.goes_on_until([&] { return !traffic.world.downs().empty() && traffic.world.up(); }));
  const auto before = traffic.sent;
  REQUIRE(traffic.goes_on_until([&] { return traffic.sent > before + 100; }));
  CHECK(traffic.all_accepted());
  CHECK(traffic.world.downs() == std::vector<std::string>{"the certificate has changed"});
  CHECK(connections(tls) == 2);
  CHECK(traffic.world.uplink().warnings().empty());
}

TEST_CASE("a bad new certificate costs nothing, and one that the broker refuses no row") {
  const TlsWorld tls;
  Traffic traffic(tls.options());
  REQUIRE(traffic.goes_on_until([&] { return traffic.sent > 50; }));
  const bool good_but_foreign = GENERATE(false, true);
  if (good_but_foreign)
    tls.stranger.sign("gateway", "gw-1.acme");
  else
    write(tls.keys.path() / "gateway.pem", "nothing");
  traffic.world.uplink().look_at_credentials();
  if (good_but_foreign)
    REQUIRE(traffic.goes_on_until([&] { return traffic.world.downs().size() >= 2 && traffic.world.up(); }));
  const auto before = traffic.sent;
  REQUIRE(traffic.goes_on_until([&] { return traffic.sent > before + 50; }));
  CHECK(traffic.all_accepted());
  CHECK(traffic.world.downs().empty() == !good_but_foreign);
  REQUIRE(traffic.world.uplink().warnings().size() == 1);
  CHECK(traffic.world.uplink().warnings()[0].name == warning::kCertificateRefused);
}
