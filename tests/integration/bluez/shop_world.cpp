#include "tests/integration/bluez/shop_world.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "tests/catch.hpp"

namespace beacon_gateway_test {
namespace {

constexpr const char* kProgram = BEACON_GATEWAY_PROGRAM;

}  // namespace

Shop::Shop(const std::string& tables) {
  std::ofstream(directory.path() / "gateway.toml")
      << "[gateway]\ntenant = \"acme\"\nstore = \"s-1\"\nid = \"gw-1\"\ncontrol_socket = \"control\"\n"
      << tables << "[[zone]]\nid = \"entrance\"\nentrance = true\n"
      << "[store]\ndirectory = \"store\"\nkey_file = \"store.key\"\n";
  REQUIRE(output("key create " + path + "/store.key").first == 0);
}

std::pair<int, std::string> Shop::output(const std::string& arguments) {
  std::FILE* pipe = ::popen((std::string{kProgram} + " " + arguments + " 2>&1").c_str(), "r");
  std::string text;
  std::array<char, 4096> part{};
  for (std::size_t n = 0; (n = std::fread(part.data(), 1, part.size(), pipe)) > 0;) text.append(part.data(), n);
  const int status = ::pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text};
}

std::string Shop::status(const std::string& options) const {
  return output("status " + options + " --config " + path).second;
}

bool Shop::says(const std::string& text, const std::string& options) const {
  return soon([&] { return status(options).find(text) != std::string::npos; });
}

Running::Running(const Shop& shop, const PrivateBus& bus, const std::vector<std::string>& arguments) {
  process_ = ::fork();
  if (process_ > 0) return;
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
  std::vector<const char*> words{kProgram, "--config", shop.path.c_str()};
  for (const std::string& one : arguments) words.push_back(one.c_str());
  words.push_back(nullptr);
  ::execv(kProgram, const_cast<char**>(words.data()));
  ::_exit(EXIT_FAILURE);
}

Running::~Running() {
  if (process_ > 0) stop();
}

int Running::stop() {
  int status = 0;
  ::kill(process_, SIGTERM);
  ::waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace beacon_gateway_test
