// Why the broker's certificate is not believed, by a handshake of its own: Paho compares the host's name after its
// handshake and keeps the outcome to itself (Paho C 1.3.12, SSLSocket.c), and has one error for every other fault.
//
// Used from the uplink's thread; the look itself has one of its own for as long as it lasts.
#pragma once

#include <chrono>
#include <future>
#include <optional>
#include <string>

#include "core/broker_report.hpp"
#include "drivers/mqtt/options.hpp"

namespace beacon_gateway::mqtt {

class TrustCheck {
 public:
  using Clock = std::chrono::steady_clock;

  TrustCheck() = default;
  ~TrustCheck() { finish(); }
  TrustCheck(const TrustCheck&) = delete;
  TrustCheck& operator=(const TrustCheck&) = delete;

  // After an attempt that failed; the options' TLS files are read anew. Does nothing while one runs, and within a
  // minute of the last.
  void begin(const MqttOptions& options, Clock::time_point now);
  // What one that has ended found against the certificate, once, in OpenSSL's words. Absent: nothing, nobody answered,
  // or it has not ended.
  [[nodiscard]] std::optional<std::string> take();
  // Waits some seconds for the end of one that runs. One that waits for the resolver even then, half a minute perhaps,
  // is left to the end of the process.
  void finish();

 private:
  std::future<BrokerReport> look_;
  std::optional<Clock::time_point> began_;
};

}  // namespace beacon_gateway::mqtt
