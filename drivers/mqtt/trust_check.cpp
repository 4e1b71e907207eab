#include "drivers/mqtt/trust_check.hpp"

#include <utility>
#include <vector>

#include "drivers/mqtt/broker_look.hpp"

namespace beacon_gateway::mqtt {
namespace {

// A broker that is not trusted stays so until somebody acts; it is not to be met by twice as many connections.
constexpr std::chrono::seconds kApart{60};

// For each step. Short, because a gateway that stops waits for it.
constexpr std::chrono::seconds kPatience{1};

// What connecting and the handshake take at most, beside the resolver; within the 5 s that a stop may take.
constexpr std::chrono::seconds kLongestLook{3};

}  // namespace

void TrustCheck::begin(const MqttOptions& options, Clock::time_point now) {
  if (look_.valid() || (began_ && now - *began_ < kApart)) return;
  began_ = now;
  look_ = std::async(std::launch::async, [options] { return look_at_broker(options, false, kPatience); });
}

std::optional<std::string> TrustCheck::take() {
  if (!look_.valid() || look_.wait_for(std::chrono::seconds{0}) != std::future_status::ready) return std::nullopt;
  const BrokerReport report = look_.get();
  // Only a certificate that was shown can be at fault.
  if (report.stopped_at != BrokerStep::encryption || !report.broker_certificate_ends) return std::nullopt;
  return report.why;
}

void TrustCheck::finish() {
  if (!look_.valid() || look_.wait_for(kLongestLook) == std::future_status::ready) return;
  static auto* const kept = new std::vector<std::future<BrokerReport>>;  // its end would wait
  kept->push_back(std::move(look_));
}

}  // namespace beacon_gateway::mqtt
