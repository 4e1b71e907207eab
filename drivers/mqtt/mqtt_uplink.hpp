// The uplink over MQTT 5 with Paho. Only transport: nothing is kept when the link goes, the outbox sends again.
//
// Threads: every function on one thread, which calls poll() at least once a second. The listener hears `link_up` and
// `link_down` inside poll(); `settled` inside poll() or on a thread of Paho's; `received` on a thread of its own, where
// it may wait: the link does not notice (inbox.hpp). Nothing is called after stop() returned; stop() waits for a
// `received` that has not, so whoever lets it wait for room gives that up first. Failure: `link_down` also tells why an
// attempt at a link failed, so it may come without a `link_up` before it; its text holds "duplicate_identity" when
// another box seems to connect with our client id. Rules on Paho and their reasons: reliability.md A1.
#pragma once

#include <memory>
#include <string>

#include "drivers/mqtt/options.hpp"
#include "ports/uplink.hpp"

namespace beacon_gateway::mqtt {

class MqttUplink final : public Uplink {
 public:
  // Throws std::runtime_error if the url is no broker's, or if a certificate file is of no use.
  explicit MqttUplink(MqttOptions options);
  ~MqttUplink() override;

  MqttUplink(const MqttUplink&) = delete;
  MqttUplink& operator=(const MqttUplink&) = delete;

  void start(UplinkListener listener) override;
  [[nodiscard]] bool send(const OutboxRow& row, std::optional<std::chrono::seconds> remaining) override;
  [[nodiscard]] std::size_t window() const override;
  void send_health(const Health& health) override;
  // True also if it has to wait for a free place; it goes with the next poll then, unless the link goes first.
  [[nodiscard]] bool send_sync(std::int64_t have_revision) override;
  void look_at_credentials() override;
  [[nodiscard]] Warnings warnings() const override;
  // Waits for the link and for a free place, among few.
  [[nodiscard]] bool send_reply(const CommandReply& reply) override;
  void poll() override;

  // Blocks longer than `grace` only while Paho waits for a name to be resolved, which it does not let us interrupt.
  void stop(std::chrono::milliseconds grace) override;

  [[nodiscard]] const std::string& client_id() const;

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace beacon_gateway::mqtt
