// The daemon itself, on a bus of its own: `run` with driver = "bluez", and what `status` says of it.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/integration/bluez/radio_world.hpp"

namespace beacon_gateway_test {
namespace {

constexpr const char* kProgram = BEACON_GATEWAY_PROGRAM;

struct Shop {
  TemporaryDirectory directory;
  std::string path = directory.path().string();

  explicit Shop(const std::string& scanners) {
    std::ofstream(directory.path() / "gateway.toml")
        << "[gateway]\ntenant = \"acme\"\nstore = \"s-1\"\nid = \"gw-1\"\ncontrol_socket = \"control\"\n"
        << scanners << "[[zone]]\nid = \"entrance\"\nentrance = true\n"
        << "[store]\ndirectory = \"store\"\nkey_file = \"store.key\"\n";
    REQUIRE(output("key create " + path + "/store.key").first == 0);
  }

  // Exit status, and what came on both outputs.
  [[nodiscard]] static std::pair<int, std::string> output(const std::string& arguments) {
    std::FILE* pipe = ::popen((std::string{kProgram} + " " + arguments + " 2>&1").c_str(), "r");
    std::string text;
    std::array<char, 4096> part{};
    for (std::size_t n = 0; (n = std::fread(part.data(), 1, part.size(), pipe)) > 0;) text.append(part.data(), n);
    const int status = ::pclose(pipe);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text};
  }
  [[nodiscard]] std::string status(const std::string& options = "") const {
    return output("status " + options + " --config " + path).second;
  }
  [[nodiscard]] bool says(const std::string& text, const std::string& options = "") const {
    return soon([&] { return status(options).find(text) != std::string::npos; });
  }
};

class Daemon {
 public:
  Daemon(const Shop& shop, const PrivateBus& bus) {
    process_ = ::fork();
    if (process_ > 0) return;
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
    ::execl(kProgram, kProgram, "run", "--config", shop.path.c_str(), nullptr);
    ::_exit(EXIT_FAILURE);
  }
  ~Daemon() {
    if (process_ > 0) stop();
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  int stop() {
    int status = 0;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t process_ = -1;
};

TEST_CASE("run hears through BlueZ, survives it, and status says how it listens") {
  const PrivateBus bus;
  FakeBluez bluez{bus.address()};
  FakeAdapter adapter;
  adapter.has_monitors = true;
  bluez.plug(adapter);
  bluez.advertise(tag(1));
  const Shop shop{"[[scanner]]\nadapter = \"hci0\"\nzone = \"entrance\"\n"};
  Daemon daemon{shop, bus};
  CHECK(shop.says("hci0, zone entrance: bluetoothd does not run"));
  bluez.run();
  CHECK(shop.says("hci0, zone entrance: scanning"));
  CHECK(shop.says(R"("mode":"monitor","hears":"every_packet","state":"scanning","alarm":false)", "--json"));
  CHECK(shop.says(R"("advertisements":)", "--json"));
  bluez.kill();
  CHECK(shop.says(R"("mode":"none")", "--json"));
  CHECK(daemon.stop() == 0);
}

TEST_CASE("captures and radios do not mix, and a driver that is not there is named") {
  const PrivateBus bus;
  const std::string first = "[[scanner]]\nadapter = \"hci0\"\nzone = \"entrance\"\n";
  const std::string second = "[[scanner]]\nadapter = \"hci1\"\nzone = \"entrance\"\n";
  const Shop mixed{first + second + "driver = \"capture\"\nfile = \"a.btsnoop\"\n"};
  const auto [status, text] = Shop::output("run --config " + mixed.path);
  CHECK(status == 1);
  CHECK_THAT(text, ContainsSubstring("captures run on their own clock"));
  const Shop mgmt{first + "driver = \"mgmt\"\n"};
  CHECK_THAT(Shop::output("run --config " + mgmt.path).second, ContainsSubstring("no driver \"mgmt\""));
}

}  // namespace
}  // namespace beacon_gateway_test
