// One walk to the broker, step by step, for people who want to know where it ends: name, TCP, TLS, MQTT 5 CONNECT.
//
// Not with Paho: it acknowledges what the broker kept for this client, and a look must take nothing away. So this
// speaks only CONNECT and DISCONNECT (MQTT 5.0, 3.1 and 3.14), goes on with the session that is there and leaves none
// that was not. With the gateway's own client id: the caller sees to it that the daemon does not run, or it would be
// thrown out.
#pragma once

#include <chrono>

#include "core/broker_report.hpp"
#include "drivers/mqtt/options.hpp"

namespace beacon_gateway::mqtt {

// Takes url, name and the TLS files of the options. `log_in`: the last step too. Waits so long for each step; only a
// name that does not resolve takes what the system's resolver takes.
[[nodiscard]] BrokerReport look_at_broker(const MqttOptions& options, bool log_in,
                                          std::chrono::milliseconds patience = std::chrono::seconds{5});

}  // namespace beacon_gateway::mqtt
