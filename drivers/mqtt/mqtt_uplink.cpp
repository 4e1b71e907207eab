#include "drivers/mqtt/mqtt_uplink.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "drivers/mqtt/client_identity.hpp"
#include "drivers/mqtt/credential_rotation.hpp"
#include "drivers/mqtt/in_flight.hpp"
#include "drivers/mqtt/inbox.hpp"
#include "drivers/mqtt/link.hpp"
#include "drivers/mqtt/reason_code.hpp"
#include "drivers/mqtt/trust_check.hpp"
#include "messages/downlink_json.hpp"
#include "messages/health_json.hpp"
#include "messages/other_visit_json.hpp"
#include "messages/reply_json.hpp"
#include "messages/sync_json.hpp"
#include "messages/topics.hpp"

namespace beacon_gateway::mqtt {

namespace {

using Clock = std::chrono::steady_clock;

// Paho ends every attempt by itself. If a fault in it should keep one hanging, we start over after this; not earlier,
// because touching Paho while it resolves a name blocks until the resolver gives up (30 s with three name servers).
constexpr auto kAttemptBackstop = std::chrono::seconds{60};

// Longer than Paho's threads sleep and wait (its steps are of 1 s and 3 s). Attempts are a second apart on average, so
// few are kept.
constexpr auto kBuriedFor = std::chrono::seconds{10};

BrokerUrl required_url(const std::string& text) {
  auto url = parse_broker_url(text);
  if (!url) throw std::runtime_error("not a broker's address: " + text);
  return *url;
}

CredentialRotation::Time wall_clock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

// Answers that wait for the broker. More at once than a sensible sender asks for (remote_commands.cpp).
constexpr std::size_t kMostReplies = 32;

std::string too_large() {
  return reason_text(reason::kPacketTooLarge);
}

}  // namespace

// Connects, watches the link, and comes back when it is gone. At most one link at a time.
class MqttUplink::Machine {
 public:
  explicit Machine(MqttOptions options)
      : topics_(options.name),
        rotation_({options.ca_file, options.cert_file, options.key_file}),
        reconnect_(options.timing.reconnect, options.jitter_seed ? *options.jitter_seed : std::random_device{}()) {
    plan_.url = required_url(options.url);
    const std::string& name = rotation_.in_use().common_name();
    plan_.client_id = (name.empty() ? default_client_id(options.name) : name) + options.client_id_suffix;
    plan_.status_topic = topics_.status();
    plan_.settled = [this](std::int64_t sequence, SendOutcome outcome, const std::string& why) {
      listener_.settled(sequence, outcome, why);
    };
    rules_ = {options.name, options.trusted_keys, options.allow_unsigned, options.kept_attributes};
    plan_.options = std::move(options);
  }

  [[nodiscard]] const std::string& client_id() const { return plan_.client_id; }
  [[nodiscard]] bool any_buried() const { return !buried_.empty(); }
  static void keep(std::unique_ptr<Machine> machine) {
    static auto* const kept = new std::vector<std::unique_ptr<Machine>>;
    kept->push_back(std::move(machine));
  }
  [[nodiscard]] std::size_t window() const { return link_ ? link_->window() : kWindow; }

  void start(UplinkListener listener) {
    assert(!started_);
    started_ = true;
    listener_ = std::move(listener);
    next_look_ = Clock::now() + plan_.options.timing.credentials_look;
    if (plan_.options.subscribe) {
      heard_ = {{topics_.store_profiles(), DownlinkTopic::store_profiles},
                {topics_.gateway_profiles(), DownlinkTopic::gateway_profiles},
                {topics_.command(), DownlinkTopic::command},
                {topics_.presence(), DownlinkTopic::presence},
                {topics_.store_campaigns(), DownlinkTopic::store_campaigns},
                {topics_.gateway_campaigns(), DownlinkTopic::gateway_campaigns}};
      if (plan_.options.receipts) heard_.emplace(topics_.receipts(), DownlinkTopic::receipts);
      for (const auto& [topic, kind] : heard_) plan_.subscriptions.push_back(topic);
      plan_.subscriptions.push_back(topics_.visits_started());
      plan_.subscriptions.push_back(topics_.visits_ended());
      inbox_.emplace([this](const Inbox::Arrived& message) {
        if (!own_visit(message.topic)) listener_.received(decoded(message));
      });
      plan_.inbox = &*inbox_;
    }
    connect();
  }

  [[nodiscard]] bool send(const OutboxRow& row, std::optional<std::chrono::seconds> remaining) {
    if (!announced_ || renewing_) return false;
    const Publication event{topics_.event(row.type), row.payload, false, true, remaining, {}, row.sequence};
    switch (link_->publish(event)) {
      case Link::Handed::over:
        return true;
      case Link::Handed::too_large:  // told at the next poll: a caller is not called back from its own call
        too_large_.push_back(row.sequence);
        return true;
      case Link::Handed::not_now:
        return false;
    }
    return false;
  }

  // Told to nobody if it is not taken: the next one, a minute later, says the same and more.
  void send_health(const std::string& json) {
    if (announced_) (void)link_->publish({topics_.health(), json, false, false, std::nullopt, {}, std::nullopt});
  }

  [[nodiscard]] bool send_sync(std::int64_t have_revision) {
    if (!announced_) return false;
    waiting_sync_ = have_revision;
    publish_sync();
    return true;
  }

  [[nodiscard]] Warnings warnings() const {
    Warnings result = rotation_.warnings(wall_clock());
    if (!tls_failure_.empty())
      result.push_back({warning::kTlsFailed, "no trusted link to the broker: " + tls_failure_});
    if (Clock::now() < duplicate_until_)
      result.push_back({warning::kDuplicateIdentity, "another box connects to the broker as " + plan_.client_id +
                                                         " and throws this one out: give each box a certificate, or "
                                                         "an `id` under [gateway], of its own"});
    for (const auto& topic : deaf_to_)
      result.push_back({warning::kSubscriptionRefused, "the broker does not let this gateway read " + topic +
                                                           ": allow " + plan_.client_id +
                                                           " to, in its access rules "
                                                           "(ACL)"});
    return result;
  }

  [[nodiscard]] bool send_reply(const CommandReply& reply) {
    if (replies_.size() == kMostReplies) return false;
    const bool elsewhere = !reply.to.topic.empty();
    replies_.push_back({elsewhere ? reply.to.topic : topics_.reply(), reply_json(reply), false, false, std::nullopt,
                        reply.to.correlation, std::nullopt});
    publish_replies();
    return true;
  }

  void poll() {
    if (!started_ || stopped_) return;
    while (!buried_.empty() && Clock::now() - buried_.front().first > kBuriedFor) buried_.pop_front();
    note_distrust();
    for (const auto sequence : std::exchange(too_large_, {}))
      listener_.settled(sequence, SendOutcome::refused, too_large());
    if (Clock::now() >= next_look_) look_at_credentials(false);
    if (!link_) {
      if (Clock::now() >= next_attempt_) connect();
      return;
    }
    watch();
    if (link_->state() == Link::State::down) bury();
  }

  void look_at_credentials(bool asked) {
    next_look_ = Clock::now() + plan_.options.timing.credentials_look;
    // A link is given up for them only when nothing is in flight, so that nothing is sent twice.
    if (rotation_.look(wall_clock(), asked)) renewing_ = link_ != nullptr;
  }

  void stop(std::chrono::milliseconds grace) {
    if (stopped_) return;
    stopped_ = true;
    if (inbox_) inbox_->close();
    const auto now = Clock::now();
    if (announced_) {
      // The offline status goes last, behind the answers to all rows; if these do not come, the will says it.
      const bool said = link_->wait_until_answered(now + grace / 2) && publish_status(false) &&
                        link_->wait_until_answered(now + grace);
      link_->leave(!said, now + grace);
    }
    announced_ = false;
    link_.reset();
    if (inbox_) inbox_->join();
    if (buried_.empty()) inbox_.reset();  // else Paho's threads may still find their way to it
    trust_check_.finish();
  }

 private:
  void note_distrust() {
    const auto why = trust_check_.take();
    if (!why || announced_) return;
    tls_failure_ = "the certificate of " + plan_.url.host + " is not believed: " + *why;
    spdlog::warn("broker: {}", tls_failure_);
  }

  void connect() {
    plan_.credentials = rotation_.for_attempt();
    link_ = std::make_unique<Link>(plan_);
    began_ = Clock::now();
  }

  void watch() {
    const auto now = Clock::now();
    switch (link_->state()) {
      case Link::State::connecting:
        if (now - began_ > kAttemptBackstop) link_->give_up("the attempt hangs");
        return;
      case Link::State::up:
        if (!announced_) announce();
        note_subscriptions();
        if (waiting_sync_) publish_sync();
        publish_replies();
        if (const auto oldest = link_->oldest();
            oldest && now - *oldest > plan_.options.timing.acknowledgement_deadline)
          link_->give_up("the broker does not answer");
        else if (!oldest && renewing_)
          link_->give_up("the certificate has changed");
        return;
      case Link::State::down:
        return;
    }
  }

  void announce() {
    announced_ = true;
    tls_failure_.clear();
    rotation_.came_up();
    link_->subscribe();
    publish_status(true);
    listener_.link_up();
  }

  void publish_sync() {
    const Publication sync{topics_.sync(), sync_json(*waiting_sync_), false, false, std::nullopt, {}, std::nullopt};
    if (link_->publish(sync) == Link::Handed::over) waiting_sync_.reset();
  }

  void publish_replies() {
    while (announced_ && !replies_.empty() && link_->publish(replies_.front()) != Link::Handed::not_now)
      replies_.pop_front();
  }

  // Told once, until it was granted again: it is tried at every connect.
  void note_subscriptions() {
    for (const auto& [topic, code] : link_->take_subscribed()) {
      if (code < reason::kFirstFailure)
        deaf_to_.erase(topic);
      else if (deaf_to_.insert(topic).second)
        spdlog::warn(
            "the broker refuses the subscription to {} ({}): nothing comes that way; allow {} to read it in the "
            "broker's access rules (ACL)",
            topic, reason_text(code), plan_.client_id);
    }
  }

  // Brokers that know no "No Local" bring our own events back.
  [[nodiscard]] bool own_visit(const std::string& topic) const {
    return topic == topics_.event("com.beacongateway.visit.started.v1") ||
           topic == topics_.event("com.beacongateway.visit.ended.v1");
  }

  // On the inbox's thread. Another topic comes only of a subscription that an earlier configuration left in the
  // session.
  [[nodiscard]] Downlink decoded(const Inbox::Arrived& message) const {
    const auto found = heard_.find(message.topic);
    const auto refused = [&](DownlinkTopic topic, DownlinkRefusal why) {
      return Downlink{topic, std::nullopt, why, message.payload.size()};
    };
    if (found == heard_.end()) {
      auto other = message.dropped ? std::nullopt : read_other_visit(message.topic, message.payload, rules_.name);
      return other ? std::move(*other) : refused({}, DownlinkRefusal::malformed);
    }
    if (message.dropped) return refused(found->second, DownlinkRefusal::overflow);
    return read_downlink(found->second, message.payload, rules_, {message.response_topic, message.correlation_data});
  }

  bool publish_status(bool online) {
    if (!plan_.options.status) return true;
    auto status = *plan_.options.status;
    status.online = online;
    const Publication publication{topics_.status(), status_json(status), true, false, std::nullopt, {}, std::nullopt};
    return link_->publish(publication) == Link::Handed::over;
  }

  // The client stays for a while: Paho's threads may still be on their way out of it, and destroying it meanwhile
  // crashes (paho.mqtt.c #1669: seen here too, once links had subscriptions and were cut at once).
  void bury() {
    announced_ = false;
    renewing_ = false;
    waiting_sync_.reset();  // with the next link the gateway asks anew
    auto end = link_->end();
    const auto now = Clock::now();
    if (end.tls_failed && tls_failure_.empty()) tls_failure_ = end.why;
    if (plan_.url.encrypted && !end.came_up) trust_check_.begin(plan_.options, now);
    buried_.emplace_back(now, std::move(link_));
    const auto verdict = reconnect_.ended(now, end.came_up, end.explained);
    next_attempt_ = now + verdict.delay;
    if (verdict.duplicate_identity) duplicate_until_ = now + plan_.options.timing.reconnect.short_link_window;
    for (const auto sequence : end.lost) listener_.settled(sequence, SendOutcome::lost, end.why);
    if (verdict.duplicate_identity)
      end.why += "; duplicate_identity: does another box connect as " + plan_.client_id + "?";
    listener_.link_down(end.why);
  }

  LinkPlan plan_;
  Topics topics_;
  CredentialRotation rotation_;
  DownlinkRules rules_;
  ReconnectPolicy reconnect_;
  UplinkListener listener_;
  bool started_ = false;
  bool stopped_ = false;
  bool announced_ = false;   // `link_up` was told and `link_down` not yet: `link_` is there
  bool renewing_ = false;    // the link goes as soon as nothing is in flight
  std::string tls_failure_;  // why nobody is trusted; empty once a link came up
  TrustCheck trust_check_;
  Clock::time_point next_look_{};
  Clock::time_point duplicate_until_{};  // it is warned of another box with our identity
  std::optional<std::int64_t> waiting_sync_;
  std::map<std::string, DownlinkTopic> heard_;  // what is subscribed to; not changed once started
  std::deque<Publication> replies_;             // not taken by the link yet
  std::set<std::string> deaf_to_;               // topics whose refused subscription was told
  std::optional<Inbox> inbox_;                  // before the links, which write into it
  std::unique_ptr<Link> link_;
  std::deque<std::pair<Clock::time_point, std::unique_ptr<Link>>> buried_;  // and when
  Clock::time_point began_{};
  Clock::time_point next_attempt_{};
  std::vector<std::int64_t> too_large_;
};

MqttUplink::MqttUplink(MqttOptions options) : machine_(std::make_unique<Machine>(std::move(options))) {}
// Links that went down a moment ago cannot be destroyed yet, and nobody waits ten seconds for the end of the process:
// they live as long as it does.
MqttUplink::~MqttUplink() {
  if (!machine_->any_buried()) return;
  machine_->stop({});
  Machine::keep(std::move(machine_));
}

void MqttUplink::start(UplinkListener listener) {
  machine_->start(std::move(listener));
}
bool MqttUplink::send(const OutboxRow& row, std::optional<std::chrono::seconds> remaining) {
  return machine_->send(row, remaining);
}
std::size_t MqttUplink::window() const {
  return machine_->window();
}
void MqttUplink::send_health(const Health& health) {
  machine_->send_health(health_json(health));
}
bool MqttUplink::send_sync(std::int64_t have_revision) {
  return machine_->send_sync(have_revision);
}
void MqttUplink::look_at_credentials() {
  machine_->look_at_credentials(true);
}
Warnings MqttUplink::warnings() const {
  return machine_->warnings();
}
bool MqttUplink::send_reply(const CommandReply& reply) {
  return machine_->send_reply(reply);
}
void MqttUplink::poll() {
  machine_->poll();
}
void MqttUplink::stop(std::chrono::milliseconds grace) {
  machine_->stop(grace);
}
const std::string& MqttUplink::client_id() const {
  return machine_->client_id();
}

}  // namespace beacon_gateway::mqtt
