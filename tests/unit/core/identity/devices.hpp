// People, their keys, and what their devices send: what the tests of recognising share.
#pragma once

#include <algorithm>
#include <vector>

#include "core/identity/recogniser.hpp"
#include "core/identity/rotating_codes.hpp"

namespace beacon_gateway::devices {

using namespace std::chrono_literals;
using Found = Recognition::Found;

inline constexpr WallTime kNow = std::chrono::sys_days{2026y / 11 / 22} + 3h;
inline constexpr Uuid kOurs{0x5A};
inline constexpr Uuid kForeign{0x99};
inline constexpr Uuid kService{0x77, 0x01};
inline constexpr Address kTag{{0xC0, 0, 0, 0, 0, 1}, AddressType::random_static};
inline constexpr Address kPhone{{0x4F, 0, 0, 0, 0, 2}, AddressType::random_non_resolvable};
inline constexpr std::uint32_t kPeriod = 900;
inline constexpr Key128 kSecret{9, 8, 7};

using Octets = std::vector<std::uint8_t>;

inline Octets structure(std::uint8_t type, std::initializer_list<Octets> parts) {
  Octets data;
  for (const Octets& part : parts) data.insert(data.end(), part.begin(), part.end());
  data.insert(data.begin(), {static_cast<std::uint8_t>(data.size() + 1), type});
  return data;
}
inline Octets on_air(const Uuid& uuid) {
  return {uuid.rbegin(), uuid.rend()};
}
inline Octets ibeacon(std::uint16_t minor, const Uuid& uuid = kOurs) {
  return structure(0xFF, {{0x4C, 0x00, 0x02, 0x15},
                          {uuid.begin(), uuid.end()},
                          {0, 1, static_cast<std::uint8_t>(minor >> 8), static_cast<std::uint8_t>(minor), 0xC5}});
}
inline Octets token_data(const RollingToken& token, const Uuid& service = kService) {
  return structure(0x21, {on_air(service), {token.begin(), token.begin() + 8}});
}
inline Octets token_uuid(const RollingToken& token) {
  return structure(0x07, {on_air(token)});
}
inline Octets eid(const EphemeralId& id) {
  return structure(0x16, {{0xAA, 0xFE, 0x30, 0xEC}, {id.begin(), id.end()}});
}

inline Advertisement heard(const Octets& data, WallTime at = kNow, const Address& address = kPhone) {
  Advertisement result;
  result.address = address;
  result.rssi_dbm = -60;
  result.payload = Payload{data};
  result.instant = capture_instant(at);
  return result;
}

inline Identity shopper(ShopperNumber number, std::vector<ProfileIdentifier> identifiers, bool staff = false) {
  return {number, staff, std::move(identifiers), {}};
}

inline Key128 day_key(std::uint8_t seed) {
  return {seed, 1, 2, 3};
}
// Keys of yesterday, today and tomorrow.
inline RollingTokenIdentifier token_of(std::uint8_t seed) {
  RollingTokenIdentifier token{kService, kPeriod, {}};
  const auto today = std::chrono::floor<std::chrono::days>(kNow);
  for (int day = -1; day <= 1; ++day)
    token.day_keys.push_back({today + std::chrono::days{day}, day_key(static_cast<std::uint8_t>(seed + day))});
  return token;
}
inline RollingToken token_at(const RollingTokenIdentifier& token, WallTime at, int periods = 0) {
  const std::int64_t number = rolling_token_number(at, kPeriod) + periods;
  const auto key =
      std::ranges::find(token.day_keys, rolling_token_day(number, kPeriod), &RollingTokenIdentifier::DayKey::day);
  return rolling_token(key->key, number);
}

inline constexpr Key128 kIdentityKey{0x11, 0x22, 0x33};
inline constexpr std::int64_t kOffset = 1'760'000'000;
inline constexpr std::uint8_t kExponent = 10;
inline constexpr auto kRotation = std::chrono::seconds{1 << kExponent};
inline EddystoneEidIdentifier eid_identity() {
  return {kIdentityKey, std::nullopt, kExponent, kOffset};
}
inline EphemeralId eid_at(WallTime at, std::chrono::seconds ahead = 0s) {
  const auto counter = static_cast<std::uint32_t>(
      std::chrono::floor<std::chrono::seconds>(at + ahead).time_since_epoch().count() - kOffset);
  return eddystone_ephemeral_id(eddystone_temporary_key(kIdentityKey, counter), kExponent, counter);
}

// A recogniser that knows these from kNow on.
struct Known : Recogniser {
  Known(std::initializer_list<Identity> identities, IdentityRules rules = {{kOurs}, {kService}})
      : Recogniser(std::move(rules), kSecret) {
    for (const Identity& one : identities) add(one, kNow);
  }
};

inline Recognition match(ShopperNumber number, Assurance assurance = Assurance::fixed) {
  return {Found::match, number, assurance};
}

}  // namespace beacon_gateway::devices
