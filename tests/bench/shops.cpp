#include "tests/bench/shops.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <vector>

#include "core/identity/rotating_codes.hpp"

namespace beacon_gateway::bench {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::int64_t kClockOffsetSeconds = 1'760'000'000;
constexpr std::uint8_t kExponent = 10;  // as the Eddystone specification's example: 17 minutes
constexpr std::uint8_t kDayKeys = 3;    // yesterday's, today's and tomorrow's

template <class Array>
Array octets_of(std::uint64_t number, std::uint64_t salt = 0) {
  Array octets{};
  fill({octets.data(), octets.size()}, number << 3U | salt);
  return octets;
}

// A structure of advertising data, after the flags that all devices send.
Payload payload(std::uint8_t type, std::initializer_list<std::span<const std::uint8_t>> parts) {
  Octets data{0x02, 0x01, 0x06, 0, type};
  for (const auto part : parts) data.insert(data.end(), part.begin(), part.end());
  data[3] = static_cast<std::uint8_t>(data.size() - 4);
  return Payload{data};
}

Advertisement sent(std::uint32_t number, AddressType type, const Payload& payload) {
  Advertisement result;
  result.address.type = type;
  result.address.octets = octets_of<std::array<std::uint8_t, 6>>(number, 7);
  result.rssi_dbm = -60;
  result.payload = payload;
  result.instant = capture_instant(kNow);
  return result;
}

IBeaconIdentifier ibeacon(std::uint32_t number) {
  // As a chain's own tags are: one UUID, told apart by major and minor.
  return {Uuid{0x5A}, static_cast<std::uint16_t>(number >> 16U), static_cast<std::uint16_t>(number)};
}
Advertisement ibeacon_sent(std::uint32_t number) {
  const IBeaconIdentifier one = ibeacon(number);
  const std::array<std::uint8_t, 4> head{0x4C, 0x00, 0x02, 0x15};
  const std::array<std::uint8_t, 5> tail{
      static_cast<std::uint8_t>(one.major >> 8U), static_cast<std::uint8_t>(one.major),
      static_cast<std::uint8_t>(one.minor >> 8U), static_cast<std::uint8_t>(one.minor), 0xC5};
  return sent(number, AddressType::random_static, payload(0xFF, {head, one.uuid, tail}));
}

EddystoneUidIdentifier uid(std::uint32_t number) {
  return {octets_of<std::array<std::uint8_t, 10>>(number), octets_of<std::array<std::uint8_t, 6>>(number, 1)};
}
Advertisement uid_sent(std::uint32_t number) {
  const EddystoneUidIdentifier one = uid(number);
  const std::array<std::uint8_t, 4> head{0xAA, 0xFE, 0x00, 0xEC};
  return sent(number, AddressType::random_static, payload(0x16, {head, one.name_space, one.instance}));
}

Advertisement address_sent(std::uint32_t number) {
  const std::array<std::uint8_t, 4> head{0x4C, 0x00, 0x10, 0x05};  // one of Apple's messages that is no beacon
  const auto rest = octets_of<std::array<std::uint8_t, 20>>(number);
  return sent(number, AddressType::random_static, payload(0xFF, {head, rest}));
}
AddressIdentifier address(std::uint32_t number) {
  return {address_sent(number).address};
}

RollingTokenIdentifier token(std::uint32_t number) {
  RollingTokenIdentifier result{kTokenService, kTokenPeriodSeconds, {}};
  const auto yesterday = std::chrono::floor<std::chrono::days>(kNow) - std::chrono::days{1};
  for (std::uint8_t day = 0; day < kDayKeys; ++day)
    result.day_keys.push_back({yesterday + std::chrono::days{day}, octets_of<Key128>(number, day)});
  return result;
}
Advertisement token_sent(std::uint32_t number) {
  const RollingToken code =
      rolling_token(token(number).day_keys[1].key, rolling_token_number(kNow, kTokenPeriodSeconds));
  Uuid on_air = kTokenService;
  std::ranges::reverse(on_air);
  return sent(number, AddressType::random_resolvable, payload(0x21, {on_air, std::span{code}.first<8>()}));
}

EddystoneEidIdentifier eid(std::uint32_t number) {
  return {octets_of<Key128>(number), std::nullopt, kExponent, kClockOffsetSeconds};
}
Advertisement eid_sent(std::uint32_t number) {
  const auto counter = static_cast<std::uint32_t>(
      std::chrono::floor<std::chrono::seconds>(kNow).time_since_epoch().count() - kClockOffsetSeconds);
  const EphemeralId code =
      eddystone_ephemeral_id(eddystone_temporary_key(eid(number).key, counter), kExponent, counter);
  const std::array<std::uint8_t, 4> head{0xAA, 0xFE, 0x30, 0xEC};
  return sent(number, AddressType::random_static, payload(0x16, {head, code}));
}

IrkIdentifier irk(std::uint32_t number) {
  return {octets_of<Key128>(number)};
}
Advertisement irk_sent(std::uint32_t number) {
  constexpr std::uint32_t kResolvable = 0x400000;  // the two upper bits 01
  Advertisement result = address_sent(number);
  result.address.type = AddressType::random_resolvable;
  const std::uint32_t prand = kResolvable | (number & 0x3FFFFFU);
  const std::uint32_t hash = address_hash(irk(number).key, prand);
  for (std::size_t i = 0; i < 3; ++i) {
    result.address.octets[i] = static_cast<std::uint8_t>(prand >> (16 - 8 * i));
    result.address.octets[3 + i] = static_cast<std::uint8_t>(hash >> (16 - 8 * i));
  }
  return result;
}

// To ProfileIdentifier, which a pointer to a function does not do by itself.
template <auto make>
ProfileIdentifier any(std::uint32_t number) {
  return make(number);
}

// Every other kind but IRKs in turn.
ProfileIdentifier mixed(std::uint32_t number);
Advertisement mixed_sent(std::uint32_t number);

constexpr std::array kKinds{Kind{"ibeacon", any<ibeacon>, ibeacon_sent},
                            Kind{"eddystone-uid", any<uid>, uid_sent},
                            Kind{"address", any<address>, address_sent},
                            Kind{"rolling-token", any<token>, token_sent, kLiveCodes, true},
                            Kind{"eddystone-eid", any<eid>, eid_sent, kLiveCodes},
                            Kind{"mixed", mixed, mixed_sent, (3.0 + 2 * kLiveCodes) / 5, true},
                            Kind{"irk", any<irk>, irk_sent}};
constexpr std::uint32_t kMixed = 5;  // the first ones of them

ProfileIdentifier mixed(std::uint32_t number) {
  return kKinds[number % kMixed].identifier(number);
}
Advertisement mixed_sent(std::uint32_t number) {
  return kKinds[number % kMixed].advertisement(number);
}

}  // namespace

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
void fill(std::span<std::uint8_t> room, std::uint64_t number) {
  std::uint64_t state = number * 0xD1342543DE82EF95ULL;  // an odd factor, so that neighbours do not share a sequence
  while (!room.empty()) {
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t word = state;
    word = (word ^ word >> 30U) * 0xBF58476D1CE4E5B9ULL;
    word = (word ^ word >> 27U) * 0x94D049BB133111EBULL;
    word ^= word >> 31U;
    const std::size_t size = std::min(room.size(), sizeof word);
    std::memcpy(room.data(), &word, size);
    room = room.subspan(size);
  }
}

std::span<const Kind> kinds() {
  return kKinds;
}

const Kind& kind(std::string_view name) {
  const auto* const found = std::ranges::find(kKinds, name, &Kind::name);
  assert(found != kKinds.end());
  return *found;
}

Identity identity(const Kind& kind, std::uint32_t number) {
  return {number + 1, false, {kind.identifier(number)}, {}};
}

}  // namespace beacon_gateway::bench
