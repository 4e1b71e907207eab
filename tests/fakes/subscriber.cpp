#include "tests/fakes/subscriber.hpp"

#include <mqtt/async_client.h>

#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include "tests/fakes/witness.hpp"

namespace beacon_gateway_test {

namespace {

constexpr auto kPatience = std::chrono::seconds{10};  // with a broker on the loopback; a few ms on an idle machine
constexpr int kQualityOfService = 1;

template <typename T>
std::optional<T> property_of(const mqtt::properties& properties, mqtt::property::code code) {
  if (!properties.contains(code)) return std::nullopt;
  return mqtt::get<T>(properties, code);
}

ReceivedMessage decode(const mqtt::message& message) {
  const mqtt::properties& properties = message.get_properties();
  ReceivedMessage received;
  received.topic = message.get_topic();
  received.payload = message.get_payload_str();
  received.retained = message.is_retained();
  received.quality_of_service = message.get_qos();
  received.expiry_s = property_of<std::uint32_t>(properties, mqtt::property::MESSAGE_EXPIRY_INTERVAL);
  received.content_type = property_of<std::string>(properties, mqtt::property::CONTENT_TYPE);
  received.payload_format = property_of<std::uint8_t>(properties, mqtt::property::PAYLOAD_FORMAT_INDICATOR);
  for (std::size_t i = 0; i < properties.count(mqtt::property::USER_PROPERTY); ++i) {
    const auto [name, value] = mqtt::get<mqtt::string_pair>(properties, mqtt::property::USER_PROPERTY, i);
    received.user_properties[name] = value;
  }
  return received;
}

void wait(const mqtt::token_ptr& token, const char* what) {
  if (!token->wait_for(kPatience)) throw std::runtime_error(std::string{"no answer to "} + what);
}

}  // namespace

class Subscriber::Client {
 public:
  Client(std::uint16_t port, const std::vector<std::string>& filters, const std::string& client_id)
      : paho_("tcp://127.0.0.1:" + std::to_string(port), client_id, mqtt::create_options(MQTTVERSION_5), nullptr) {
    paho_.set_message_callback([this](const mqtt::const_message_ptr& message) {
      const std::lock_guard lock(mutex_);
      received_.push_back(decode(*message));
      arrived_.notify_all();
    });
    mqtt::connect_options options;
    options.set_mqtt_version(MQTTVERSION_5);
    options.set_clean_start(true);
    wait(paho_.connect(std::move(options)), "connect");
    for (const auto& filter : filters) wait(paho_.subscribe(filter, kQualityOfService), "subscribe");
  }

  [[nodiscard]] Messages received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }

  [[nodiscard]] bool wait_for(const std::function<bool(const Messages&)>& enough, Clock::duration patience) {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, patience, [&] { return enough(received_); });
  }

  void publish(const std::string& topic, const std::string& payload, bool retained) {
    const auto token = paho_.publish(topic, payload.data(), payload.size(), kQualityOfService, retained);
    if (!token->wait_for(kPatience)) throw std::runtime_error("no answer to publish");
  }

 private:
  mutable std::mutex mutex_;  // guards received_
  std::condition_variable arrived_;
  Messages received_;
  mqtt::async_client paho_;  // last: its threads use the above
};

Subscriber::Subscriber(std::uint16_t port, const std::vector<std::string>& filters, const std::string& client_id)
    : client_(std::make_unique<Client>(port, filters, client_id)) {}
Subscriber::~Subscriber() = default;

Subscriber::Messages Subscriber::received() const {
  return client_->received();
}
bool Subscriber::wait_for(std::size_t count, Clock::duration patience) {
  return client_->wait_for([count](const Messages& messages) { return messages.size() >= count; }, patience);
}
bool Subscriber::wait_for(const std::function<bool(const Messages&)>& enough, Clock::duration patience) {
  return client_->wait_for(enough, patience);
}
void Subscriber::publish(const std::string& topic, const std::string& payload, bool retained) {
  client_->publish(topic, payload, retained);
}
void Subscriber::publish_wrong(const std::string& topic, const std::string& payload) {
  witness_wrong(payload);
  publish(topic, payload);
}

}  // namespace beacon_gateway_test
