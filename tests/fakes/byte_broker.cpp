#include "tests/fakes/byte_broker.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>

#include "tests/fakes/witness.hpp"

namespace beacon_gateway_test {

namespace {

constexpr int kConnect = 1;
constexpr int kPublish = 3;
constexpr std::uint8_t kQualityOfServiceBits = 0x06;  // of a PUBLISH packet's first octet (MQTT 5.0, 3.3.1)
constexpr std::uint8_t kWillFlag = 0x04;
constexpr std::uint8_t kContinues = 0x80;  // of a variable byte integer (MQTT 5.0, 1.5.5)
constexpr int kLengthBits = 7;

// Reads a packet's fields one after another.
class Reader {
 public:
  explicit Reader(const Bytes& bytes) : bytes_(bytes) {}

  std::uint32_t integer(int octets) {
    std::uint32_t value = 0;
    for (int i = 0; i < octets; ++i) value = value << 8 | octet();
    return value;
  }

  std::uint32_t variable() {
    std::uint32_t value = 0;
    for (int shift = 0;; shift += kLengthBits) {
      const std::uint8_t next = octet();
      value |= static_cast<std::uint32_t>(next & ~kContinues) << shift;
      if ((next & kContinues) == 0) return value;
    }
  }

  std::string text() {
    std::string value(integer(2), '\0');
    for (char& character : value) character = static_cast<char>(octet());
    return value;
  }

  void skip(std::size_t octets) { at_ += octets; }

  std::string rest() {
    const auto from = static_cast<std::ptrdiff_t>(std::min(at_, bytes_.size()));
    at_ = bytes_.size();
    return {bytes_.begin() + from, bytes_.end()};
  }

  std::map<int, std::uint32_t> properties() {
    const std::size_t size = variable();
    const std::size_t end = at_ + size;
    std::map<int, std::uint32_t> found;
    while (at_ < end) {
      const int code = octet();
      found[code] = integer(octets_of(code));
    }
    return found;
  }

 private:
  // MQTT 5.0, 2.2.2.2: the integer properties of CONNECT and its will.
  static int octets_of(int code) {
    switch (code) {
      case 0x01:  // payload format indicator
      case 0x17:  // request problem information
      case 0x19:  // request response information
        return 1;
      case 0x21:  // receive maximum
      case 0x22:  // topic alias maximum
        return 2;
      case 0x02:  // message expiry interval
      case 0x11:  // session expiry interval
      case 0x18:  // will delay interval
      case 0x27:  // maximum packet size
        return 4;
      default:
        throw std::runtime_error("property " + std::to_string(code));
    }
  }

  std::uint8_t octet() {
    if (at_ >= bytes_.size()) throw std::runtime_error("the packet is too short");
    return bytes_[at_++];
  }

  const Bytes& bytes_;
  std::size_t at_ = 0;
};

// What a client publishes now (MQTT 5.0, 3.3) or bequeaths is for the contract's check.
void witness(const MqttPacket& packet) {
  if (packet.type() == kConnect) {
    const auto connect = parse_connect(packet);
    if (!connect.will_topic.empty()) witness_published(connect.will_topic, connect.will_payload);
  }
  if (packet.type() != kPublish) return;
  Reader reader(packet.rest);
  const std::string topic = reader.text();
  if ((packet.first & kQualityOfServiceBits) != 0) reader.skip(2);  // the packet's identifier
  reader.skip(reader.variable());                                   // properties
  witness_published(topic, reader.rest());
}

}  // namespace

ConnectPacket parse_connect(const MqttPacket& packet) {
  Reader reader(packet.rest);
  if (packet.type() != kConnect || reader.text() != "MQTT") throw std::runtime_error("not a CONNECT");
  ConnectPacket connect;
  connect.level = static_cast<int>(reader.integer(1));
  connect.flags = static_cast<std::uint8_t>(reader.integer(1));
  connect.keep_alive_s = static_cast<int>(reader.integer(2));
  connect.properties = reader.properties();
  connect.client_id = reader.text();
  if ((connect.flags & kWillFlag) != 0) {
    (void)reader.properties();
    connect.will_topic = reader.text();
    connect.will_payload = reader.text();
  }
  return connect;
}

Bytes connack() {
  return {0x20, 0x03, 0x00, 0x00, 0x00};
}

std::string ByteBroker::url() const {
  return "mqtt://127.0.0.1:" + std::to_string(port_of(listener_));
}

bool ByteBroker::accept(Clock::duration patience) {
  if (!readable(listener_, Clock::now() + patience)) return false;
  client_ = Socket(::accept(listener_.get(), nullptr, nullptr));
  return static_cast<bool>(client_);
}

std::optional<MqttPacket> ByteBroker::read(Clock::duration patience) {
  const auto deadline = Clock::now() + patience;
  Bytes head;
  if (!read_exactly(head, 2, deadline)) return std::nullopt;
  while ((head.back() & kContinues) != 0)
    if (!read_exactly(head, 1, deadline)) return std::nullopt;
  const Bytes length(head.begin() + 1, head.end());
  MqttPacket packet{head[0], {}};
  if (!read_exactly(packet.rest, Reader(length).variable(), deadline)) return std::nullopt;
  witness(packet);
  return packet;
}

void ByteBroker::write(const Bytes& bytes) {
  if (::send(client_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("the client has gone");
}

bool ByteBroker::read_exactly(Bytes& into, std::size_t size, Clock::time_point deadline) {
  while (size > 0) {
    if (!readable(client_, deadline)) return false;
    Bytes chunk(size);
    const auto got = ::recv(client_.get(), chunk.data(), size, 0);
    if (got <= 0) return false;
    into.insert(into.end(), chunk.begin(), chunk.begin() + got);
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace beacon_gateway_test
