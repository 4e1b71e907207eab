// visit.started and visit.ended of the other gateways of the store -> Downlink (contract 3.3, 3.4).
//
// Strict: the source must be the gateway whose topic it is, the type that of the topic. Anything else is malformed.
#pragma once

#include <optional>
#include <string_view>

#include "core/downlink.hpp"
#include "core/gateway_name.hpp"

namespace beacon_gateway {

// The largest event of a visit is far below: some hundred octets.
inline constexpr std::size_t kMostVisitEventOctets = 16U << 10U;

// Nothing if the topic is no gateway's visit.started or visit.ended in this store, or is our own.
[[nodiscard]] std::optional<Downlink> read_other_visit(std::string_view topic, std::string_view payload,
                                                       const GatewayName& name);

}  // namespace beacon_gateway
