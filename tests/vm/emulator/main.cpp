// controller_emulator SOCKET CONTROLLERS off|by-address|by-data [extended]: virtual Bluetooth controllers for a guest
// without radio, obeying control.hpp's lines on the datagram socket SOCKET. Ends when it is killed; its adapters go
// with it.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>

#include "tests/vm/emulator/control.hpp"

namespace beacon_gateway_vm {
namespace {

// While somebody advertises: how late a packet may be. The user-mode kernel's timers are no finer than 10 ms.
constexpr int kTickMs = 5;

int control_socket(const char* path) {
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strncpy(name.sun_path, path, sizeof name.sun_path - 1);
  ::unlink(path);
  if (descriptor < 0 || ::bind(descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
    throw std::system_error(errno, std::generic_category(), path);
  return descriptor;
}

Instant now() {
  return std::chrono::steady_clock::now();
}

void take_line(Emulator& emulator, int socket) {
  std::array<char, 2048> line{};
  sockaddr_un from{};
  socklen_t from_size = sizeof from;
  auto* sender = reinterpret_cast<sockaddr*>(&from);
  const ssize_t length = ::recvfrom(socket, line.data(), line.size(), 0, sender, &from_size);
  if (length <= 0) return;
  const std::string answer = obey(emulator, std::string(line.data(), static_cast<std::size_t>(length)), now());
  if (::sendto(socket, answer.data(), answer.size(), 0, sender, from_size) < 0) std::perror("the answer to a test");
}

// One round: what the host asked, what a test asked, what is due on the air.
void turn(Emulator& emulator, int socket) {
  std::vector<pollfd> wait{{socket, POLLIN, 0}};
  bool quiet = true;
  for (const auto& [number, plugged] : emulator.controllers) {
    wait.push_back({plugged.port->descriptor(), POLLIN, 0});
    quiet = quiet && plugged.air.empty();
  }
  ::poll(wait.data(), wait.size(), quiet ? -1 : kTickMs);
  for (auto& entry : emulator.controllers) {
    Plugged& plugged = entry.second;
    while (const auto packet = plugged.port->read())
      for (const Octets& event : plugged.controller.command(*packet)) plugged.port->write(event);
    plugged.air.pass(now(), [&plugged](const AirPacket& packet) {
      for (const Octets& event : plugged.controller.hear(packet)) plugged.port->write(event);
    });
  }
  if ((wait[0].revents & POLLIN) != 0) take_line(emulator, socket);
}

Emulator emulator_of(int argument_count, char** arguments) {
  Emulator emulator;
  const std::string_view filter = arguments[3];
  emulator.filter = filter == "off"       ? DuplicateFilter::off
                    : filter == "by-data" ? DuplicateFilter::by_data
                                          : DuplicateFilter::by_address;
  emulator.extended = argument_count > 4 && std::string_view{arguments[4]} == "extended";
  const std::string_view count = arguments[2];
  unsigned left = 0;
  std::from_chars(count.data(), count.data() + count.size(), left);
  for (; left > 0; --left) emulator.plug();
  return emulator;
}

}  // namespace
}  // namespace beacon_gateway_vm

int main(int argument_count, char** arguments) {
  using namespace beacon_gateway_vm;
  if (argument_count < 4) {
    std::fputs("usage: controller_emulator SOCKET CONTROLLERS off|by-address|by-data [extended]\n", stderr);
    return 2;
  }
  try {
    Emulator emulator = emulator_of(argument_count, arguments);
    const int socket = control_socket(arguments[1]);
    while (true) turn(emulator, socket);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "controller_emulator: %s\n", fault.what());
    return EXIT_FAILURE;
  }
}
