// How far one gets on the way to the broker, as `doctor` finds it: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/time.hpp"

namespace beacon_gateway {

// In the order of the way.
enum class BrokerStep : std::uint8_t { name, connection, encryption, login };

struct BrokerReport {
  std::optional<BrokerStep> stopped_at;  // nothing: all the way
  std::string why;                       // in the words of the system, the TLS library or the broker
  std::string host;
  std::string client_id;
  std::optional<WallTime> broker_certificate_ends;
  std::optional<WallTime> own_certificate_ends;  // of a `cert_file` that can be read
};

}  // namespace beacon_gateway
