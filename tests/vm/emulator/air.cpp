#include "tests/vm/emulator/air.hpp"

#include <algorithm>

namespace beacon_gateway_vm {

void Air::advertise(const Tag& tag, Instant now) {
  tags_.insert_or_assign(tag.packet.address, Sender{tag, now});
}

void Air::crowd(const Crowd& crowd, Instant now) {
  crowd_ = crowd;
  crowd_since_ = now;
  crowd_sent_ = 0;
}

void Air::pass(Instant now, const std::function<void(const AirPacket&)>& packet) {
  for (auto& [address, sender] : tags_) {
    for (; sender.next <= now; sender.next += sender.tag.every) {
      AirPacket sent = sender.tag.packet;
      sent.rssi_dbm = level(sent.rssi_dbm, sender.tag.jitter_db);
      packet(sent);
    }
  }
  const double seconds = std::chrono::duration<double>(now - crowd_since_).count();
  const auto due = static_cast<std::uint64_t>(seconds * crowd_.packets_a_second);
  while (crowd_.devices > 0 && crowd_sent_ < due) {
    packet(next_of_crowd(now));
    ++crowd_sent_;
  }
}

std::int8_t Air::level(int rssi_dbm, int jitter_db) {
  std::uniform_int_distribution<int> spread{-jitter_db, jitter_db};
  return static_cast<std::int8_t>(std::clamp(rssi_dbm + spread(random_), -127, 20));  // what HCI can say
}

// An iBeacon of nobody's, whose major and minor and random static address carry the device's number.
AirPacket Air::next_of_crowd(Instant now) {
  const auto generation =
      crowd_.new_addresses_every.count() > 0 ? (now - crowd_since_) / crowd_.new_addresses_every : 0;
  const auto number = static_cast<std::uint32_t>(crowd_sent_ % crowd_.devices +
                                                 static_cast<std::uint64_t>(generation) * crowd_.devices);
  const auto octet = [number](int at) { return static_cast<std::uint8_t>(number >> (8 * at)); };
  AirPacket packet;
  packet.address = {0xC0, 0xA5, 0x5A, octet(2), octet(1), octet(0)};
  packet.rssi_dbm = level(crowd_.rssi_dbm, crowd_.jitter_db);
  packet.data = {2, 1, 6, 26, 0xFF, 0x4C, 0x00, 0x02, 0x15};
  packet.data.insert(packet.data.end(), 16, 0xE2);
  for (const std::uint8_t last : {octet(3), octet(2), octet(1), octet(0), std::uint8_t{0xC5}})
    packet.data.push_back(last);
  return packet;
}

}  // namespace beacon_gateway_vm
