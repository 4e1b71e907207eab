// The orchestrator's side of the broker: an MQTT 5 client that keeps what it receives, and can publish.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace beacon_gateway_test {

struct ReceivedMessage {
  std::string topic;
  std::string payload;
  bool retained = false;
  int quality_of_service = 0;
  std::optional<std::uint32_t> expiry_s;  // Message Expiry Interval: what remains of it
  std::optional<std::string> content_type;
  std::optional<int> payload_format;
  std::map<std::string, std::string> user_properties;
};

class Subscriber {
 public:
  using Clock = std::chrono::steady_clock;
  using Messages = std::vector<ReceivedMessage>;

  // Connected and subscribed to all `filters` (QoS 1) when it returns; throws the client library's exception.
  Subscriber(std::uint16_t port, const std::vector<std::string>& filters,
             const std::string& client_id = "orchestrator");
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // Everything so far, in order of arrival.
  [[nodiscard]] Messages received() const;

  // False: the deadline passed first.
  [[nodiscard]] bool wait_for(std::size_t count, Clock::duration patience);
  [[nodiscard]] bool wait_for(const std::function<bool(const Messages&)>& enough, Clock::duration patience);

  // QoS 1; returns when the broker has it.
  void publish(const std::string& topic, const std::string& payload, bool retained = false);
  void publish_wrong(const std::string& topic, const std::string& payload);  // no message of the contract, on purpose

 private:
  class Client;
  std::unique_ptr<Client> client_;
};

}  // namespace beacon_gateway_test
