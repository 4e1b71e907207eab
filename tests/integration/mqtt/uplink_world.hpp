// An uplink with somebody who listens to it and polls it, as the gateway's loop would.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "drivers/mqtt/mqtt_uplink.hpp"

namespace beacon_gateway_test {

// Longer than anything here takes on a busy machine; a test that needs it all has failed.
inline constexpr std::chrono::seconds kPatience{60};

struct Settled {
  std::int64_t sequence;
  beacon_gateway::SendOutcome outcome;
  std::string why;
};

// The gateway of all these tests, with deadlines short enough for a test.
[[nodiscard]] beacon_gateway::mqtt::MqttOptions gateway_options(const std::string& url);

// A trigger as the gateway records it, but that it expires nowhere. `body`: of its message.
[[nodiscard]] beacon_gateway::OutboxRow row(std::int64_t sequence, const std::string& body = "ยินดีต้อนรับ");

inline const std::string kStatusTopic = "beacon-gateway/v1/acme/bkk-siam-01/gw-1/status";
inline const std::string kSyncTopic = "beacon-gateway/v1/acme/bkk-siam-01/gw-1/sync";
inline const std::string kGatewayProfiles = "beacon-gateway/v1/acme/bkk-siam-01/gw-1/profiles";
inline const std::string kStoreProfiles = "beacon-gateway/v1/acme/bkk-siam-01/profiles";
inline const std::string kReceipts = "beacon-gateway/v1/acme/bkk-siam-01/gw-1/receipts";
inline const std::string kTriggerTopic = "beacon-gateway/v1/acme/bkk-siam-01/gw-1/events/com.beacongateway.trigger.v1";

class UplinkWorld {
 public:
  explicit UplinkWorld(const std::string& url) : UplinkWorld(gateway_options(url)) {}
  explicit UplinkWorld(beacon_gateway::mqtt::MqttOptions options);

  [[nodiscard]] beacon_gateway::mqtt::MqttUplink& uplink() { return uplink_; }

  // Polls until `true_now` holds; false after `patience`.
  [[nodiscard]] bool poll_until(const std::function<bool()>& true_now, std::chrono::milliseconds patience = kPatience);
  [[nodiscard]] bool poll_until_up() {
    return poll_until([this] { return up(); });
  }
  [[nodiscard]] bool poll_until_down() {
    return poll_until([this] { return !up() && !downs().empty(); });
  }
  [[nodiscard]] bool poll_until_settled(std::size_t count) {
    return poll_until([this, count] { return settled().size() >= count; });
  }

  [[nodiscard]] bool poll_until_received(std::size_t count) {
    return poll_until([this, count] { return received().size() >= count; });
  }

  // Lets the listener wait inside of `received` until released, as if the gateway's queue were full.
  void hold();
  void release();

  [[nodiscard]] bool up() const;
  [[nodiscard]] std::vector<Settled> settled() const;
  [[nodiscard]] std::vector<std::string> downs() const;  // why, each time
  [[nodiscard]] std::vector<beacon_gateway::Downlink> received() const;
  [[nodiscard]] bool waiting() const;  // somebody waits inside of `received`

 private:
  mutable std::mutex mutex_;  // guards all below but the uplink
  std::condition_variable released_;
  bool held_ = false;
  bool waiting_ = false;
  std::vector<beacon_gateway::Downlink> received_;
  bool up_ = false;
  std::vector<Settled> settled_;
  std::vector<std::string> downs_;
  beacon_gateway::mqtt::MqttUplink uplink_;
};

}  // namespace beacon_gateway_test
