// What a frame or an address carries that may belong to a shopper, in one comparable form: the key of the lookup.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "core/address.hpp"
#include "core/beacon/frame.hpp"

namespace beacon_gateway {

enum class IdentifierKind : std::uint8_t { ibeacon, altbeacon, eddystone_uid, address };

// Kind and at most 22 octets (AltBeacon: company and 20), the rest zero, so that equality and hash see all of it.
// Prints masked.
struct Identifier {
  static constexpr std::size_t kCapacity = 23;

  IdentifierKind kind = IdentifierKind::ibeacon;
  std::array<std::uint8_t, kCapacity> octets{};

  [[nodiscard]] std::string masked() const;

  friend bool operator==(const Identifier&, const Identifier&) = default;
};

[[nodiscard]] Identifier identifier_of(const IBeacon& frame);
[[nodiscard]] Identifier identifier_of(const AltBeacon& frame);
[[nodiscard]] Identifier identifier_of(const EddystoneUid& frame);
[[nodiscard]] Identifier identifier_of(
    const Address& address);  // with its type; only public and random-static ones last

}  // namespace beacon_gateway
