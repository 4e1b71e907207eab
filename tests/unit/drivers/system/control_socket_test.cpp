#include "drivers/system/control_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <future>
#include <system_error>

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"

using beacon_gateway::system::ask_daemon;
using beacon_gateway::system::ControlServer;
using beacon_gateway::system::FileDescriptor;
using beacon_gateway::system::Peer;
using beacon_gateway_test::ContainsSubstring;
using beacon_gateway_test::TemporaryDirectory;

namespace {

std::string echo(const std::string& question, const Peer&) {
  return "answer to " + question;
}

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  return address;
}

// A client that says `octets` and goes away.
void say_and_leave(const std::filesystem::path& path, const std::string& octets) {
  const FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const sockaddr_un address = address_of(path);
  REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::send(socket.get(), octets.data(), octets.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size()));
}

}  // namespace

TEST_CASE("a question is answered, of any size, one after the other") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "control";
  const ControlServer server{path, echo};
  CHECK(ask_daemon(path, "status") == "answer to status");
  CHECK(ask_daemon(path, "") == "answer to ");
  const std::string large(3'000'000, 'x');
  CHECK(ask_daemon(path, large) == "answer to " + large);
  CHECK(ask_daemon(path, std::string{"a\0b\n", 4}) == std::string{"answer to a\0b\n", 14});
}

TEST_CASE("the kernel says who asks: the daemon's own user is an operator") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "control";
  const ControlServer server{path, [](const std::string&, const Peer& peer) {
                               return std::to_string(peer.user) + (peer.is_operator ? " operator" : "");
                             }};
  CHECK(ask_daemon(path, "who am I") == std::to_string(::geteuid()) + " operator");
}

TEST_CASE("every local user may ask") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "control";
  const ControlServer server{path, echo};
  struct stat state{};
  REQUIRE(::stat(path.c_str(), &state) == 0);
  CHECK((state.st_mode & 0777U) == 0666U);
}

TEST_CASE("no daemon, no answer") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "control";
  CHECK_FALSE(ask_daemon(path, "status"));
  {
    const ControlServer server{path, echo};
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(ask_daemon(path, "status"));
}

TEST_CASE("a second server is refused, and the first goes on") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "control";
  const ControlServer first{path, echo};
  CHECK_THROWS_WITH((ControlServer{path, echo}),
                    ContainsSubstring("another gateway listens on") && ContainsSubstring(path.string()));
  CHECK(ask_daemon(path, "status") == "answer to status");
}

TEST_CASE("the socket of a daemon that died is replaced") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "control";
  {
    const FileDescriptor dead{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const sockaddr_un address = address_of(path);
    REQUIRE(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  REQUIRE(std::filesystem::exists(path));
  CHECK_FALSE(ask_daemon(path, "status"));
  const ControlServer server{path, echo};
  CHECK(ask_daemon(path, "status") == "answer to status");
}

TEST_CASE("whoever breaks off in the middle, or promises too much, harms nobody") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "control";
  const ControlServer server{path, echo};
  say_and_leave(path, "");
  say_and_leave(path, std::string{"\0\0", 2});
  say_and_leave(path, std::string{"\0\0\0\x0Ahalf", 8});
  say_and_leave(path, "\xFF\xFF\xFF\xFF");
  CHECK(ask_daemon(path, "status") == "answer to status");
}

TEST_CASE("a daemon that hangs up is told apart from one that is not there") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "control";
  const FileDescriptor listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const sockaddr_un address = address_of(path);
  REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener.get(), 1) == 0);
  auto hung_up =
      std::async(std::launch::async, [&] { const FileDescriptor one{::accept(listener.get(), nullptr, nullptr)}; });
  CHECK_THROWS_WITH(ask_daemon(path, "status"), ContainsSubstring("the daemon did not answer"));
}

TEST_CASE("a path too long for a socket is named") {
  CHECK_THROWS_AS(ask_daemon("/" + std::string(200, 'x'), "status"), std::system_error);
}
