// Authorities made for a test and thrown away, and a mosquitto that speaks TLS only.
#pragma once

#include <filesystem>
#include <string>

#include "tests/fakes/broker.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/integration/mqtt/uplink_world.hpp"

namespace beacon_gateway_test {

// Runs the program; throws std::runtime_error if it fails.
void openssl(const std::string& arguments);

// An authority in a folder: NAME.pem and NAME.key.
class Authority {
 public:
  Authority(const std::filesystem::path& directory, const std::string& name);

  [[nodiscard]] std::filesystem::path certificate() const { return file(name_, ".pem"); }

  // NAME.pem and NAME.key for `common_name`; with `alternative` also for that name or address. `days`: from now; "-1"
  // has expired.
  void sign(const std::string& name, const std::string& common_name, const std::string& alternative = "",
            const std::string& days = "2") const;

 private:
  [[nodiscard]] std::string file(const std::string& name, const char* suffix) const {
    return (directory_ / (name + suffix)).string();
  }

  std::filesystem::path directory_;
  std::string name_;
};

// A broker for the holders of the authority's certificates, itself known by `known_as`. By address, not as localhost: a
// machine without /etc/hosts does not know that name.
struct TlsWorld {
  std::string known_as = "IP:127.0.0.1";
  std::string days = "2";
  TemporaryDirectory keys{};
  Authority authority{keys.path(), "authority"};
  Authority stranger{keys.path(), "stranger"};
  Broker broker = started();

  [[nodiscard]] Broker started() const;
  [[nodiscard]] beacon_gateway::mqtt::MqttOptions options() const;
};

}  // namespace beacon_gateway_test
