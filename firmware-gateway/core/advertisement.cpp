#include "core/advertisement.hpp"

#include <algorithm>

namespace beacon_gateway {

Payload::Payload(std::span<const std::uint8_t> data) noexcept
    : octets{}, size(static_cast<std::uint8_t>(std::min(data.size(), kCapacity))), truncated(data.size() > kCapacity) {
  std::ranges::copy(data.first(size), octets.begin());
}

}  // namespace beacon_gateway
