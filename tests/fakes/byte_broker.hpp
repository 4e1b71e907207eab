// A broker of bare bytes: accepts a client, reads its packets, answers what the test says, or nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/fakes/loopback.hpp"

namespace beacon_gateway_test {

using Bytes = std::vector<std::uint8_t>;

// One MQTT packet: the first octet, and what follows the length.
struct MqttPacket {
  std::uint8_t first = 0;
  Bytes rest;
  [[nodiscard]] int type() const { return first >> 4; }
};

// The CONNECT packet (MQTT 5.0, 3.1) as far as the tests ask. Only properties with integer values are understood.
struct ConnectPacket {
  int level = 0;
  std::uint8_t flags = 0;
  int keep_alive_s = 0;
  std::map<int, std::uint32_t> properties;
  std::string client_id;
  std::string will_topic;
  std::string will_payload;
};

// Throws std::runtime_error if it is none.
[[nodiscard]] ConnectPacket parse_connect(const MqttPacket& packet);

// CONNACK, session not present, success, no properties (MQTT 5.0, 3.2).
[[nodiscard]] Bytes connack();

class ByteBroker {
 public:
  using Clock = std::chrono::steady_clock;

  ByteBroker() : listener_(listen_on_loopback()) {}

  [[nodiscard]] std::string url() const;

  // The next client in place of the one before, which is cut off. False: none came.
  [[nodiscard]] bool accept(Clock::duration patience);

  // Absent: nothing whole came in time, or the client has gone.
  [[nodiscard]] std::optional<MqttPacket> read(Clock::duration patience);

  void write(const Bytes& bytes);
  void cut() { client_ = Socket{}; }

 private:
  [[nodiscard]] bool read_exactly(Bytes& into, std::size_t size, Clock::time_point deadline);

  Socket listener_;
  Socket client_;
};

}  // namespace beacon_gateway_test
