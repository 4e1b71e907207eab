// TCP on 127.0.0.1, for the fakes that speak it.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

namespace beacon_gateway_test {

// A descriptor that is closed with its owner.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket();

  [[nodiscard]] int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

// A listener on a port that the system picks; throws std::system_error.
[[nodiscard]] Socket listen_on_loopback();
[[nodiscard]] std::uint16_t port_of(const Socket& listener);

// A port that was free a moment ago, for a process that cannot be handed a socket.
[[nodiscard]] std::uint16_t free_port();

// Empty if nobody listens there.
[[nodiscard]] Socket connect_to_loopback(std::uint16_t port);

// Whether there is something to read (or to accept) before the deadline.
[[nodiscard]] bool readable(const Socket& socket, std::chrono::steady_clock::time_point deadline);

}  // namespace beacon_gateway_test
