// What we ask of the broker's side: take an event, say what became of it. Only transport: the outbox is the queue.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/downlink.hpp"
#include "core/health.hpp"
#include "core/outbox_row.hpp"
#include "core/warning.hpp"

namespace beacon_gateway {

// What became of a row that was handed over.
enum class SendOutcome : std::uint8_t {
  accepted,  // the broker answered with a reason code below 0x80: the row is done, or awaits its receipt
  refused,   // the broker will never take this row (too large, malformed): after a few tries it is a dead letter
  held,      // the broker does not take it now (not authorised, quota): stays, and somebody must look
  lost,      // the link went before an answer came: send again
};

// Called on the uplink's own threads; never throws, and none but `received` may block.
struct UplinkListener {
  std::function<void()> link_up;
  std::function<void(const std::string& why)> link_down;
  std::function<void(std::int64_t sequence, SendOutcome outcome, const std::string& why)> settled;
  // May wait a few seconds for room: what the orchestrator sends too fast then waits in the broker.
  std::function<void(Downlink)> received;
};

class Uplink {
 public:
  virtual ~Uplink() = default;

  // Starts connecting, and keeps doing so for ever. Returns at once. At most once.
  virtual void start(UplinkListener listener) = 0;

  // Hands a row over while the link is up; exactly one `settled` follows unless stop comes first. False: not now.
  // `remaining`: how long the broker may keep it; absent: for ever. The caller keeps to `window()`.
  [[nodiscard]] virtual bool send(const OutboxRow& row, std::optional<std::chrono::seconds> remaining) = 0;

  // How many rows may be in flight at once.
  [[nodiscard]] virtual std::size_t window() const = 0;

  // Publishes the gateway's condition if the link is up; losing one does no harm.
  virtual void send_health(const Health& health) = 0;

  // Tells the orchestrator which revision of the profiles is held. False: the link is down.
  [[nodiscard]] virtual bool send_sync(std::int64_t have_revision) = 0;

  // The files by which we and the broker know each other may have changed: they are used if they are good, else the old
  // ones stay and `warnings` says why. They are looked at each minute, too.
  virtual void look_at_credentials() = 0;

  // What somebody must look at: about the link, not about events.
  [[nodiscard]] virtual Warnings warnings() const = 0;

  // Answers a command, as soon as the link lets it. False: too many answers wait already, and this one is dropped.
  [[nodiscard]] virtual bool send_reply(const CommandReply& reply) = 0;

  // Reconnects and deadlines: call at least once a second, on the thread that calls `send`.
  virtual void poll() = 0;

  // Says goodbye (status offline) within `grace`, and ends every thread.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace beacon_gateway
