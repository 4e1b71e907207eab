// What the uplink needs to know once, before it starts.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/gateway_name.hpp"
#include "drivers/mqtt/reconnect_policy.hpp"
#include "messages/signed_message.hpp"
#include "messages/status_json.hpp"

namespace beacon_gateway::mqtt {

struct MqttTiming {
  // The broker gives up on us after 1.5 times this without a packet; we on an idle, frozen broker after about 2.5
  // times.
  std::chrono::seconds keep_alive{20};
  // An attempt ends within this. At least 4 s: Paho looks at its own timers every 3 s.
  std::chrono::seconds connect_deadline{10};
  // A row unanswered for so long: the link is dead, whatever TCP says (reliability.md E14).
  std::chrono::milliseconds acknowledgement_deadline{15'000};
  // How often the certificate's files are looked at: whoever replaces them need not tell us.
  std::chrono::milliseconds credentials_look{60'000};
  ReconnectOptions reconnect;
};

struct MqttOptions {
  std::string url;  // see broker_url.hpp
  GatewayName name;
  std::string client_id_suffix;  // "-replay" for a replay, so that it does not throw the daemon out

  // TLS; all PEM. Without `ca_file` the system's authorities. `cert_file` and `key_file` come together.
  std::optional<std::filesystem::path> ca_file;
  std::optional<std::filesystem::path> cert_file;
  std::optional<std::filesystem::path> key_file;

  // What the retained status says; `online` is set by the uplink. Absent for a replay: the status is the daemon's.
  std::optional<GatewayStatus> status;

  // The downlink: what the orchestrator sends is heard only with `subscribe`, believed only if one of these signed it.
  bool subscribe = true;                            // false for a replay: the profiles are the daemon's
  bool receipts = true;                             // subscribe to those too
  std::shared_ptr<const TrustedKeys> trusted_keys;  // null: nobody is trusted
  bool allow_unsigned = false;
  std::vector<std::string> kept_attributes;  // of a profile; others are left out

  MqttTiming timing;
  std::optional<std::uint32_t> jitter_seed;  // absent: from the system
};

}  // namespace beacon_gateway::mqtt
