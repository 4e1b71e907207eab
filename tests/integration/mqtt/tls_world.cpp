#include "tests/integration/mqtt/tls_world.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace beacon_gateway_test {

void openssl(const std::string& arguments) {
  const std::string command = "openssl " + arguments + " >/dev/null 2>&1";
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
}

Authority::Authority(const std::filesystem::path& directory, const std::string& name)
    : directory_(directory), name_(name) {
  openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name + " -keyout " +
          file(name, ".key") + " -out " + file(name, ".pem"));
}

void Authority::sign(const std::string& name, const std::string& common_name, const std::string& alternative,
                     const std::string& days) const {
  openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + common_name + " -keyout " +
          file(name, ".key") + " -out " + file(name, ".csr"));
  std::string extensions;
  if (!alternative.empty()) {
    std::ofstream(file(name, ".ext")) << "subjectAltName=" << alternative << "\n";
    extensions = " -extfile " + file(name, ".ext");
  }
  openssl("x509 -req -days " + days + " -in " + file(name, ".csr") + " -CA " + file(name_, ".pem") + " -CAkey " +
          file(name_, ".key") + " -CAcreateserial -out " + file(name, ".pem") + extensions);
}

Broker TlsWorld::started() const {
  authority.sign("broker", "broker", known_as, days);
  authority.sign("gateway", "gw-1.acme");
  BrokerOptions options;
  options.extra = "cafile " + authority.certificate().string() + "\ncertfile " + (keys.path() / "broker.pem").string() +
                  "\nkeyfile " + (keys.path() / "broker.key").string() + "\nrequire_certificate true\n";
  return Broker(options);
}

beacon_gateway::mqtt::MqttOptions TlsWorld::options() const {
  auto options = gateway_options("mqtts://127.0.0.1:" + std::to_string(broker.port()));
  options.ca_file = authority.certificate();
  options.cert_file = keys.path() / "gateway.pem";
  options.key_file = keys.path() / "gateway.key";
  return options;
}

}  // namespace beacon_gateway_test
