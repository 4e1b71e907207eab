#include "tests/integration/mqtt/uplink_world.hpp"

#include <thread>

#include "messages/event_json.hpp"

namespace beacon_gateway_test {

using namespace std::chrono_literals;
using beacon_gateway::mqtt::MqttOptions;

MqttOptions gateway_options(const std::string& url) {
  MqttOptions options;
  options.url = url;
  options.name = {"acme", "bkk-siam-01", "gw-1"};
  options.status = beacon_gateway::GatewayStatus{false, "0.1.0", "session-1", "2026-11-22T03:00:00.000Z", "abcd"};
  options.timing.connect_deadline = 4s;
  options.timing.acknowledgement_deadline = 1s;
  options.timing.reconnect.first = 10ms;
  options.timing.reconnect.limit = 50ms;
  options.timing.reconnect.short_link = 0ms;  // most links of a test are short
  options.jitter_seed = 1;
  return options;
}

beacon_gateway::OutboxRow row(std::int64_t sequence, const std::string& body) {
  using namespace beacon_gateway;
  constexpr WallTime kMorning{1'795'316'400s};  // 2026-11-22T03:00:00Z
  const auto options = gateway_options("");
  TriggerEvent trigger;
  trigger.campaign = "welcome";
  trigger.trigger.variant = "a";
  trigger.trigger.language = "th";
  trigger.trigger.message = {"สวัสดีค่ะ", body, ""};
  trigger.trigger.expires_at = kMorning + 2min;
  trigger.dedupe_key = "89abcdef0123456789abcdef01234567";
  const Event event{"0123456789abcdef0123456789abcdef", ShopperId::parse("s-1").value(), kMorning,
                    "fedcba9876543210fedcba9876543210", trigger};
  return {.sequence = sequence,
          .id = event.id,
          .type = std::string{event_type(event.data)},
          .shopper_id = event.subject,
          .purpose = purpose_needed(event.data),
          .visit_id = event.visit_id,
          .campaign = trigger.campaign,
          .expires_at = std::nullopt,
          .payload = event_to_json(event, {options.name, sequence, false})};
}

UplinkWorld::UplinkWorld(MqttOptions options) : uplink_(std::move(options)) {
  beacon_gateway::UplinkListener listener;
  listener.link_up = [this] {
    const std::lock_guard lock(mutex_);
    up_ = true;
  };
  listener.link_down = [this](const std::string& why) {
    const std::lock_guard lock(mutex_);
    up_ = false;
    downs_.push_back(why);
  };
  listener.settled = [this](std::int64_t sequence, beacon_gateway::SendOutcome outcome, const std::string& why) {
    const std::lock_guard lock(mutex_);
    settled_.push_back({sequence, outcome, why});
  };
  listener.received = [this](beacon_gateway::Downlink downlink) {
    std::unique_lock lock(mutex_);
    waiting_ = true;
    released_.wait(lock, [this] { return !held_; });
    waiting_ = false;
    received_.push_back(std::move(downlink));
  };
  uplink_.start(std::move(listener));
}

bool UplinkWorld::poll_until(const std::function<bool()>& true_now, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    uplink_.poll();
    if (true_now()) return true;
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
}

void UplinkWorld::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void UplinkWorld::release() {
  {
    const std::lock_guard lock(mutex_);
    held_ = false;
  }
  released_.notify_all();
}

std::vector<beacon_gateway::Downlink> UplinkWorld::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

bool UplinkWorld::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

bool UplinkWorld::up() const {
  const std::lock_guard lock(mutex_);
  return up_;
}

std::vector<Settled> UplinkWorld::settled() const {
  const std::lock_guard lock(mutex_);
  return settled_;
}

std::vector<std::string> UplinkWorld::downs() const {
  const std::lock_guard lock(mutex_);
  return downs_;
}

}  // namespace beacon_gateway_test
