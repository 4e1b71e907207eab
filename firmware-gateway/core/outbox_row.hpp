// One event that waits to be sent, as the outbox keeps it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/journey/campaign.hpp"
#include "core/shopper_id.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

struct OutboxRow {
  std::int64_t sequence = 0;       // per gateway, from 1, without gaps
  std::string id;                  // of the event
  std::string type;                // the whole CloudEvents type
  ShopperId shopper_id;            // whose consent is checked again before sending
  std::optional<Purpose> purpose;  // the consent that sending needs; absent: none, as for the receipt of an erasure
  std::string visit_id;
  std::string campaign;  // of a trigger; else empty
  std::optional<WallTime> expires_at;
  std::string payload;  // the event as it goes over the wire
};

}  // namespace beacon_gateway
