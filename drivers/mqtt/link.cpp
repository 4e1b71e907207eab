#include "drivers/mqtt/link.hpp"

#include <mqtt/async_client.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "drivers/mqtt/in_flight.hpp"
#include "drivers/mqtt/reason_code.hpp"
#include "messages/status_json.hpp"

namespace beacon_gateway::mqtt {

namespace {

namespace paho = ::mqtt;

constexpr int kQualityOfService = 1;

// The broker keeps our subscriptions and what comes for them while we are away; a day, as the consent lease: after
// that matching has stopped anyway and everything is asked for anew.
constexpr std::uint32_t kSessionExpirySeconds = 86'400;

// How many messages the broker may send us unanswered. Paho answers as it reads, so a few keep the line full; and no
// more than these stand before the answer to a row of ours while the inbox slows the reading (1.6 s at worst).
constexpr std::uint16_t kReceiveMaximum = 8;

// A broker drops what is larger without a word to us, so this is twice what is read: what is too large by a little is
// refused with a name instead.
constexpr std::int32_t kMaximumPacketSize = 2 * static_cast<std::int32_t>(kMostDownlinkOctets);

// Paho checks its connect timeout every 3 s only.
constexpr std::chrono::seconds kPahoTimerStep{3};

// Upper bound of what a PUBLISH carries besides topic and payload: fixed header 5, topic length 2, packet identifier
// 2, property length 1, payload format 2, message expiry 5, content type 3 + 28.
constexpr std::size_t kPublishOverhead = 48;

// What we publish ourselves is not to come back (MQTT 5.0, 3.8.3.1).
constexpr bool kNoLocal = true;

const std::string kEventContentType = "application/cloudevents+json";

// MQTT 5.0, 3.14.2.1: the broker publishes the will although we took leave.
constexpr auto kDisconnectWithWill = paho::ReasonCode::DISCONNECT_WITH_WILL_MESSAGE;

std::string paho_url(const BrokerUrl& url) {
  return (url.encrypted ? "ssl://" : "tcp://") + url.host + ":" + std::to_string(url.port);
}

paho::create_options client_rules() {
  paho::create_options options(MQTTVERSION_5);
  options.set_send_while_disconnected(false);
  options.set_max_buffered_messages(static_cast<int>(kWindow));
  return options;
}

paho::properties publish_properties(const Publication& publication) {
  paho::properties properties;
  if (publication.is_event) {
    properties.add({paho::property::PAYLOAD_FORMAT_INDICATOR, 1});  // UTF-8
    properties.add({paho::property::CONTENT_TYPE, kEventContentType});
  }
  if (publication.expiry) {
    const auto seconds =
        std::clamp<std::chrono::seconds::rep>(publication.expiry->count(), 0, std::numeric_limits<std::int32_t>::max());
    properties.add({paho::property::MESSAGE_EXPIRY_INTERVAL, static_cast<std::int32_t>(seconds)});
  }
  if (!publication.correlation_data.empty())
    properties.add({paho::property::CORRELATION_DATA, publication.correlation_data});
  return properties;
}

Inbox::Arrived arrived(const paho::message& message) {
  const paho::properties& properties = message.get_properties();
  const auto text = [&](paho::property::code code) {
    return properties.contains(code) ? paho::get<std::string>(properties, code) : std::string{};
  };
  return {message.get_topic(), message.to_string(), text(paho::property::RESPONSE_TOPIC),
          text(paho::property::CORRELATION_DATA)};
}

}  // namespace

class Link::Client : private paho::iaction_listener {
 public:
  explicit Client(const LinkPlan& plan)
      : plan_(plan),
        credentials_(plan.credentials),
        paho_(paho_url(plan.url), plan.client_id, client_rules(), nullptr) {
    paho_.set_connection_lost_handler([this](const std::string& cause) { note_down(cause, false); });
    paho_.set_disconnected_handler([this](const paho::properties&, paho::ReasonCode code) { disconnected(code); });
    if (plan_.inbox != nullptr)
      paho_.set_message_callback(
          [this](const paho::const_message_ptr& message) { plan_.inbox->put(arrived(*message)); });
    try {
      attempt_ = paho_.connect(connect_options(), nullptr, *this);
    } catch (const paho::exception& error) {
      note_down(error.what(), true);
    }
  }

  [[nodiscard]] State state() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }

  [[nodiscard]] std::size_t window() const { return in_flight_.limit(); }
  [[nodiscard]] std::optional<Clock::time_point> oldest() const { return in_flight_.oldest(); }
  [[nodiscard]] bool wait_until_answered(Clock::time_point deadline) { return in_flight_.wait_until_empty(deadline); }

  [[nodiscard]] Handed publish(const Publication& publication) {
    {
      const std::lock_guard lock(mutex_);
      if (state_ != State::up) return Handed::not_now;
      if (publication.topic.size() + publication.payload.size() + kPublishOverhead > maximum_packet_size_)
        return Handed::too_large;
    }
    const auto ticket = in_flight_.add(publication.sequence, Clock::now());
    if (!ticket) return Handed::not_now;
    const Inbox::Haste haste{plan_.inbox};
    try {
      paho_.publish(paho::message::create(publication.topic, publication.payload, kQualityOfService,
                                          publication.retained, publish_properties(publication)),
                    &tickets_.at(*ticket), *this);
    } catch (const paho::exception&) {  // the link is going; why is told by `end`
      return in_flight_.take(*ticket) ? Handed::not_now : Handed::over;
    }
    return Handed::over;
  }

  void subscribe() {
    const Inbox::Haste haste{plan_.inbox};
    try {  // one by one: Paho tells of a refusal only for a single topic
      for (const auto& topic : plan_.subscriptions)
        (void)paho_.subscribe(topic, kQualityOfService, nullptr, *this, paho::subscribe_options(kNoLocal));
    } catch (const paho::exception&) {
      return;  // the link is going; the next one subscribes
    }
  }

  [[nodiscard]] std::vector<Subscribed> take_subscribed() {
    const std::lock_guard lock(mutex_);
    return std::exchange(subscribed_, {});
  }

  void give_up(const std::string& why) {
    note_down(why, true);
    const Inbox::Haste haste{plan_.inbox};
    try {
      paho::disconnect_options options(0);
      options.set_reason_code(kDisconnectWithWill);
      paho_.disconnect(std::move(options));
    } catch (const paho::exception&) {
      return;  // it was not connected any more, which is what we want
    }
  }

  void leave(bool with_will, Clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    const Inbox::Haste haste{plan_.inbox};
    try {
      paho::disconnect_options options(static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
      if (with_will) options.set_reason_code(kDisconnectWithWill);
      (void)paho_.disconnect(std::move(options))->wait_until(deadline);
    } catch (const paho::exception&) {
      return;  // the link went first; the broker has the will
    }
  }

  [[nodiscard]] End end() {
    auto lost = in_flight_.close();
    const std::lock_guard lock(mutex_);
    return {came_up_ ? why_ : why_ + cause_of_failure(), explained_, !tls_error_.empty(), came_up_, std::move(lost)};
  }

 private:
  // Built for each connect and never copied: Paho C++ 1.2.0 loses the properties of a copy (paho.mqtt.cpp #445).
  paho::connect_options connect_options() {
    const auto& timing = plan_.options.timing;
    paho::connect_options options;
    options.set_mqtt_version(MQTTVERSION_5);
    options.set_clean_start(false);
    options.set_keep_alive_interval(timing.keep_alive);
    options.set_connect_timeout(std::max(timing.connect_deadline - kPahoTimerStep, std::chrono::seconds{1}));
    options.set_automatic_reconnect(false);
    options.set_max_inflight(static_cast<int>(kWindow));
    options.set_properties({{paho::property::SESSION_EXPIRY_INTERVAL, static_cast<std::int32_t>(kSessionExpirySeconds)},
                            {paho::property::RECEIVE_MAXIMUM, kReceiveMaximum},
                            {paho::property::MAXIMUM_PACKET_SIZE, kMaximumPacketSize}});
    if (plan_.options.status) {
      auto offline = *plan_.options.status;
      offline.online = false;
      options.set_will(paho::will_options(plan_.status_topic, status_json(offline), kQualityOfService, true));
    }
    if (plan_.url.encrypted) options.set_ssl(tls_options());
    return options;
  }

  // No error handler: Paho C++ 1.2.0 calls it on connect()'s own copy of these options, which is gone by then.
  [[nodiscard]] paho::ssl_options tls_options() const {
    paho::ssl_options tls;
    if (const auto file = credentials_->ca()) tls.set_trust_store(file->string());
    if (const auto file = credentials_->certificate()) tls.set_key_store(file->string());
    if (const auto file = credentials_->key()) tls.set_private_key(file->string());
    tls.set_ssl_version(MQTT_SSL_VERSION_TLS_1_2);  // or later
    tls.set_enable_server_cert_auth(true);
    tls.set_verify(true);  // the host's name too: off by default
    return tls;
  }

  // Paho's words on a failed attempt, and what remains of OpenSSL's: a handshake that one side broke off leaves some,
  // a host that does not answer and a certificate with another name leave none.
  [[nodiscard]] std::string cause_of_failure() const {
    std::string cause;
    try {
      if (attempt_) (void)attempt_->try_wait();
    } catch (const paho::exception& error) {
      cause = ": " + error.get_message();
    }
    if (!plan_.url.encrypted) return cause;
    if (tls_error_.empty()) return cause + " (no answer, or the certificate is not for " + plan_.url.host + ")";
    return cause +
           " (handshake failed: certificate expired or of another authority, ours refused, or TLS older than 1.2; "
           "OpenSSL: " +
           tls_error_ + ")";
  }

  // ---- on Paho's threads: note and settle, call nothing of Paho's ----

  void on_success(const paho::token& token) override {
    if (token.get_type() == paho::token::CONNECT) {
      connected(token.get_connect_response().get_properties());
    } else if (token.get_type() == paho::token::PUBLISH) {
      settle(token, SendOutcome::accepted, {});
    } else if (token.get_type() == paho::token::SUBSCRIBE) {
      note_subscribed(token, 0);
    }
  }

  void on_failure(const paho::token& token) override {
    // A refused CONNECT has its code where Paho's own errors, all negative, have theirs.
    const bool connecting = token.get_type() == paho::token::CONNECT;
    const int code = connecting ? token.get_return_code() : static_cast<int>(token.get_reason_code());
    const bool broker_said_no = code >= reason::kFirstFailure && code <= reason::kLast;
    if (connecting) {
      note_tls_errors();
      note_down(broker_said_no ? "refused: " + reason_text(code) : "no connection", true);
    } else if (token.get_type() == paho::token::PUBLISH) {
      settle(token, broker_said_no ? outcome_of(code) : SendOutcome::lost,
             broker_said_no ? reason_text(code) : "the link went");
    } else if (token.get_type() == paho::token::SUBSCRIBE && broker_said_no) {
      note_subscribed(token, code);
    }
  }

  void note_subscribed(const paho::token& token, int reason_code) {
    const auto topics = token.get_topics();
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < topics->size(); ++i) subscribed_.push_back({(*topics)[i], reason_code});
  }

  void connected(const paho::properties& properties) {
    if (properties.contains(paho::property::RECEIVE_MAXIMUM))
      in_flight_.set_limit(paho::get<std::uint16_t>(properties, paho::property::RECEIVE_MAXIMUM));
    const std::lock_guard lock(mutex_);
    if (properties.contains(paho::property::MAXIMUM_PACKET_SIZE))
      maximum_packet_size_ = paho::get<std::uint32_t>(properties, paho::property::MAXIMUM_PACKET_SIZE);
    if (state_ != State::connecting) return;
    state_ = State::up;
    came_up_ = Clock::now();
  }

  void disconnected(int code) {
    note_down("the broker closed: " + reason_text(code), code != 0 && code != reason::kSessionTakenOver);
  }

  void settle(const paho::token& token, SendOutcome outcome, const std::string& why) {
    const auto ticket = *static_cast<const InFlight::Ticket*>(token.get_user_context());
    const auto entry = in_flight_.take(ticket);
    if (entry && entry->sequence) plan_.settled(*entry->sequence, outcome, why);
  }

  // OpenSSL keeps its errors by thread, and Paho tells of a failed handshake on the thread that made it.
  void note_tls_errors() {
    const std::lock_guard lock(mutex_);
    while (const auto error = ERR_get_error())
      if (const char* text = ERR_reason_error_string(error)) tls_error_ = text;
  }

  void note_down(const std::string& why, bool explained) {
    const std::lock_guard lock(mutex_);
    if (state_ == State::down) return;
    state_ = State::down;
    why_ = why.empty() ? "connection lost" : why;
    explained_ = explained;
  }

  const LinkPlan& plan_;
  const std::shared_ptr<const Credentials> credentials_;  // Paho opens their files while it connects
  InFlight in_flight_;
  // What Paho hands back with an answer: the address of the ticket.
  std::array<InFlight::Ticket, kWindow> tickets_ = [] {
    std::array<InFlight::Ticket, kWindow> tickets{};
    for (std::size_t i = 0; i < tickets.size(); ++i) tickets[i] = i;
    return tickets;
  }();

  mutable std::mutex mutex_;  // guards all below; never held over a call into Paho, which calls us under its own
  State state_ = State::connecting;
  std::string why_;
  std::string tls_error_;
  bool explained_ = false;
  std::vector<Subscribed> subscribed_;
  std::optional<Clock::time_point> came_up_;
  std::size_t maximum_packet_size_ = std::numeric_limits<std::uint32_t>::max();

  paho::token_ptr attempt_;
  paho::async_client paho_;  // last, so that its threads are done with the rest before that goes
};

Link::Link(const LinkPlan& plan) : client_(std::make_unique<Client>(plan)) {}
Link::~Link() = default;

Link::State Link::state() const {
  return client_->state();
}
std::size_t Link::window() const {
  return client_->window();
}
Link::Handed Link::publish(const Publication& publication) {
  return client_->publish(publication);
}
void Link::subscribe() {
  client_->subscribe();
}
std::vector<Link::Subscribed> Link::take_subscribed() {
  return client_->take_subscribed();
}
std::optional<Link::Clock::time_point> Link::oldest() const {
  return client_->oldest();
}
bool Link::wait_until_answered(Clock::time_point deadline) {
  return client_->wait_until_answered(deadline);
}
void Link::give_up(const std::string& why) {
  client_->give_up(why);
}
void Link::leave(bool with_will, Clock::time_point deadline) {
  client_->leave(with_will, deadline);
}
Link::End Link::end() {
  return client_->end();
}

}  // namespace beacon_gateway::mqtt
