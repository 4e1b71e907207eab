#include "core/identity/identify.hpp"

#include <algorithm>

namespace beacon_gateway {
namespace {

bool wanted(const IdentityRules& rules, const IBeacon& frame) {
  return rules.ibeacon_uuids.empty() || std::ranges::find(rules.ibeacon_uuids, frame.uuid) != rules.ibeacon_uuids.end();
}

// What of a frame can be looked up as it stands; nothing for telemetry, URLs and identities that rotate.
std::optional<Identifier> lookup_key(const IdentityRules& rules, const Frame& frame) {
  if (const auto* ibeacon = std::get_if<IBeacon>(&frame))
    return wanted(rules, *ibeacon) ? std::optional{identifier_of(*ibeacon)} : std::nullopt;
  if (const auto* altbeacon = std::get_if<AltBeacon>(&frame)) return identifier_of(*altbeacon);
  if (const auto* uid = std::get_if<EddystoneUid>(&frame)) return identifier_of(*uid);
  return std::nullopt;
}

bool lasts(AddressType type) {
  return type == AddressType::public_address || type == AddressType::random_static;
}

}  // namespace

Recognition identify(const IdentityIndex& index, const IdentityRules& rules, const Frames& frames,
                     const Address& address, WallTime now) {
  Recognition result;
  const auto try_key = [&](const Identifier& key) {
    const IdentityIndex::Answer answer = index.find(key, now);
    if (answer.found > result.found) result = {answer.found, answer.shopper, Assurance::fixed};
    return answer.found == IdentityIndex::Found::match;
  };
  for (const Frame& frame : frames)
    if (const auto key = lookup_key(rules, frame); key && try_key(*key)) return result;
  if (lasts(address.type)) try_key(identifier_of(address));
  return result;
}

}  // namespace beacon_gateway
