// One link to the broker, or one attempt at it: a Paho client that connects once and is thrown away afterwards, so that
// no state of Paho's outlives a link (reliability.md A1). Used from the uplink's thread; Paho's threads only note what
// happened, and settle rows.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/broker_url.hpp"
#include "drivers/mqtt/credentials.hpp"
#include "drivers/mqtt/inbox.hpp"
#include "drivers/mqtt/options.hpp"
#include "ports/uplink.hpp"

namespace beacon_gateway::mqtt {

// What every link of one uplink is made from.
struct LinkPlan {
  MqttOptions options;
  BrokerUrl url;
  std::string client_id;
  std::string status_topic;
  std::function<void(std::int64_t sequence, SendOutcome outcome, const std::string& why)> settled;
  std::vector<std::string> subscriptions;
  std::shared_ptr<const Credentials> credentials;  // of the next link; each keeps its own
  Inbox* inbox = nullptr;  // where all goes that the broker sends; outlives the link. Null: nothing is expected
};

// A message on its way out, QoS 1.
struct Publication {
  std::string topic;
  std::string payload;
  bool retained = false;
  bool is_event = false;  // says so by Content Type and Payload Format Indicator
  std::optional<std::chrono::seconds> expiry;
  std::string correlation_data{};        // of an answer; empty: none
  std::optional<std::int64_t> sequence;  // of the row to settle; absent: nobody waits for it
};

class Link {
 public:
  using Clock = std::chrono::steady_clock;

  enum class State { connecting, up, down };

  enum class Handed { over, not_now, too_large };

  // How a link ended. `explained`: the broker gave a reason other than a take-over by the same client id.
  struct End {
    std::string why;
    bool explained = false;
    bool tls_failed = false;  // the handshake: one side did not trust the other
    std::optional<Clock::time_point> came_up;
    std::vector<std::int64_t> lost;  // rows without an answer; each is told once
  };

  // What the broker answered to a subscription: below 0x80 it is granted.
  struct Subscribed {
    std::string topic;
    int reason_code = 0;
  };

  explicit Link(const LinkPlan& plan);  // starts to connect
  ~Link();                              // cuts; the broker then publishes the will

  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  [[nodiscard]] State state() const;
  [[nodiscard]] std::size_t window() const;
  [[nodiscard]] Handed publish(const Publication& publication);

  // Asks for the plan's subscriptions; what is published afterwards reaches the broker behind them.
  void subscribe();
  // The answers since the last call.
  [[nodiscard]] std::vector<Subscribed> take_subscribed();

  // Since when the oldest publication waits for its answer.
  [[nodiscard]] std::optional<Clock::time_point> oldest() const;
  [[nodiscard]] bool wait_until_answered(Clock::time_point deadline);

  // Gives the link up from our side, at once.
  void give_up(const std::string& why);

  // Takes leave of the broker. `with_will`: it is to publish the will all the same.
  void leave(bool with_will, Clock::time_point deadline);

  // Once, when the state is down.
  [[nodiscard]] End end();

 private:
  class Client;
  std::unique_ptr<Client> client_;
};

}  // namespace beacon_gateway::mqtt
