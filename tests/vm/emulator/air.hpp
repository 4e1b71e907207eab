// Who advertises in the emulated shop, and when: tags that a test names, and a crowd of strangers. Pure: every instant
// is handed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <random>

#include "tests/vm/emulator/controller.hpp"

namespace beacon_gateway_vm {

using Instant = std::chrono::steady_clock::time_point;

struct Tag {
  AirPacket packet;
  std::chrono::milliseconds every{};  // as set in the tag; there is no random delay, so that counts are exact
  int jitter_db = 0;                  // evenly spread to both sides
};

struct Crowd {
  std::uint32_t devices = 0;
  double packets_a_second = 0;  // of all together, device after device
  int rssi_dbm = 0;
  int jitter_db = 0;
  std::chrono::milliseconds new_addresses_every{};  // 0: never
};

class Air {
 public:
  void advertise(const Tag& tag, Instant now);  // a tag of the same address is replaced
  bool silence(const std::array<std::uint8_t, 6>& address) { return tags_.erase(address) > 0; }
  void crowd(const Crowd& crowd, Instant now);
  void silence_crowd() { crowd_ = {}; }

  [[nodiscard]] bool empty() const { return tags_.empty() && crowd_.devices == 0; }

  // Hands over every packet that was due since the last call.
  void pass(Instant now, const std::function<void(const AirPacket&)>& packet);

 private:
  struct Sender {
    Tag tag;
    Instant next;
  };
  [[nodiscard]] std::int8_t level(int rssi_dbm, int jitter_db);
  [[nodiscard]] AirPacket next_of_crowd(Instant now);

  std::map<std::array<std::uint8_t, 6>, Sender> tags_;
  Crowd crowd_;
  Instant crowd_since_{};
  std::uint64_t crowd_sent_ = 0;
  std::minstd_rand random_;  // the same numbers each time
};

}  // namespace beacon_gateway_vm
