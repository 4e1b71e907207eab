#include "tests/fakes/bluez/private_bus.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace beacon_gateway_test {
namespace {

constexpr auto kStartDeadline = std::chrono::seconds{10};  // it takes 10 ms on an idle machine
constexpr auto kLookAgain = std::chrono::milliseconds{2};

bool listens(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return connected;
}

}  // namespace

PrivateBus::PrivateBus() {
  std::ofstream(directory_.path() / "bus.conf")
      << "<busconfig><type>session</type><listen>" << address() << "</listen><auth>EXTERNAL</auth>"
      << R"(<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>)"
      << "</busconfig>\n";
  start();
}

PrivateBus::~PrivateBus() {
  if (process_ > 0) kill();
}

std::string PrivateBus::address() const {
  return "unix:path=" + (directory_.path() / "bus").string();
}

void PrivateBus::start() {
  const std::string configuration = "--config-file=" + (directory_.path() / "bus.conf").string();
  const std::string socket = (directory_.path() / "bus").string();
  ::unlink(socket.c_str());
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("fork");
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execlp("dbus-daemon", "dbus-daemon", "--nofork", "--nopidfile", "--nosyslog", configuration.c_str(), nullptr);
    ::_exit(EXIT_FAILURE);
  }
  const auto deadline = std::chrono::steady_clock::now() + kStartDeadline;
  while (!listens(socket)) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("dbus-daemon does not listen");
    std::this_thread::sleep_for(kLookAgain);
  }
}

void PrivateBus::kill() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace beacon_gateway_test
