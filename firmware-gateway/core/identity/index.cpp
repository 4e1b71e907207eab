#include "core/identity/index.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <tuple>

namespace beacon_gateway {
namespace {

// Three quarters full at most: linear probing then needs 2.5 probes on average for a miss (Knuth, TAOCP 6.4).
constexpr std::size_t kLoadNumerator = 3;
constexpr std::size_t kLoadDenominator = 4;
constexpr std::size_t kSmallestTable = 16;

std::uint64_t mix(std::uint64_t value) {
  // The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

std::uint64_t hash(const Identifier& identifier) {
  static_assert(sizeof(Identifier) == 24, "hashed as three words");
  std::array<std::uint64_t, 3> words{};
  std::memcpy(words.data(), &identifier, sizeof identifier);
  return mix(words[0] ^ mix(words[1] ^ mix(words[2])));
}

constexpr std::uint32_t kForEver = std::numeric_limits<std::uint32_t>::max();

std::uint32_t to_seconds(std::chrono::sys_seconds at) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(at.time_since_epoch().count(), 0, kForEver - 1));
}

std::uint32_t second_of(WallTime at) {
  return to_seconds(std::chrono::floor<std::chrono::seconds>(at));
}

}  // namespace

std::vector<Identifier> static_identifiers(const Profile& profile) {
  std::vector<Identifier> result;
  for (const ProfileIdentifier& one : profile.identifiers) {
    if (const auto* ibeacon = std::get_if<IBeaconIdentifier>(&one)) {
      result.push_back(identifier_of(IBeacon{ibeacon->uuid, ibeacon->major, ibeacon->minor, 0}));
    } else if (const auto* altbeacon = std::get_if<AltBeaconIdentifier>(&one)) {
      result.push_back(identifier_of(AltBeacon{altbeacon->company, altbeacon->id, 0, 0}));
    } else if (const auto* uid = std::get_if<EddystoneUidIdentifier>(&one)) {
      result.push_back(identifier_of(EddystoneUid{uid->name_space, uid->instance, 0}));
    } else if (const auto* address = std::get_if<AddressIdentifier>(&one)) {
      result.push_back(identifier_of(address->address));
    }
  }
  return result;
}

bool IdentityIndex::Order::operator()(const Identifier& a, const Identifier& b) const {
  return std::tie(a.kind, a.octets) < std::tie(b.kind, b.octets);
}

void IdentityIndex::add(ShopperNumber shopper, const Profile& profile) {
  assert(shopper < kContested);
  Slot slot;
  slot.shopper = shopper;
  slot.staff = profile.staff;
  slot.live_from = kForEver;
  for (const Consent& consent : profile.consents) {
    slot.live_from = std::min(slot.live_from, second_of(consent.granted_at));
    // Rounded up: what is live within its last second must not be cut here.
    const std::uint32_t until =
        consent.expires_at ? to_seconds(std::chrono::ceil<std::chrono::seconds>(*consent.expires_at)) : kForEver;
    slot.live_until = std::max(slot.live_until, until);
  }
  for (const Identifier& identifier : static_identifiers(profile)) {
    slot.identifier = identifier;
    insert(slot);
  }
}

void IdentityIndex::remove(ShopperNumber shopper, const Profile& profile) {
  for (const Identifier& identifier : static_identifiers(profile)) erase(identifier, shopper);
}

IdentityIndex::Answer IdentityIndex::find(const Identifier& identifier, WallTime now) const {
  if (slots_.empty()) return {};
  const Slot& slot = slots_[position(identifier)];
  if (slot.shopper == kEmpty) return {};
  if (slot.shopper == kContested) return {Found::contested, 0};
  const std::uint32_t second = second_of(now);
  if (second < slot.live_from || second >= slot.live_until) return {Found::no_live_consent, 0};
  return {slot.staff ? Found::staff : Found::match, slot.shopper};
}

// Where the identifier is, or the empty slot where it would go.
std::size_t IdentityIndex::position(const Identifier& identifier) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash(identifier) & mask;
  while (slots_[at].shopper != kEmpty && !(slots_[at].identifier == identifier)) at = (at + 1) & mask;
  return at;
}

void IdentityIndex::insert(const Slot& slot) {
  if ((used_ + 1) * kLoadDenominator > slots_.size() * kLoadNumerator) grow();
  Slot& there = slots_[position(slot.identifier)];
  if (there.shopper == kEmpty) {
    there = slot;
    ++used_;
    return;
  }
  if (there.shopper == slot.shopper) return;  // given twice in one profile
  std::vector<Slot>& claims = claims_[slot.identifier];
  if (there.shopper != kContested) claims.push_back(there);
  if (claims.back().shopper == slot.shopper) return;  // likewise
  claims.push_back(slot);
  there.shopper = kContested;
}

void IdentityIndex::erase(const Identifier& identifier, ShopperNumber shopper) {
  if (slots_.empty()) return;
  const std::size_t at = position(identifier);
  if (slots_[at].shopper == shopper) {
    take_out(at);
  } else if (slots_[at].shopper == kContested) {
    std::vector<Slot>& claims = claims_[identifier];
    std::erase_if(claims, [&](const Slot& claim) { return claim.shopper == shopper; });
    if (claims.size() > 1) return;
    slots_[at] = claims.front();
    claims_.erase(identifier);
  }
}

// Backward-shift deletion (Knuth, TAOCP 6.4, algorithm R): no tombstones, so misses stay short for ever.
void IdentityIndex::take_out(std::size_t hole) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t next = (hole + 1) & mask; slots_[next].shopper != kEmpty; next = (next + 1) & mask) {
    const std::size_t home = hash(slots_[next].identifier) & mask;
    if (((next - home) & mask) >= ((next - hole) & mask)) {
      slots_[hole] = slots_[next];
      hole = next;
    }
  }
  slots_[hole] = Slot{};
  --used_;
}

void IdentityIndex::grow() {
  std::vector<Slot> old(std::max(kSmallestTable, slots_.size() * 2));
  old.swap(slots_);
  for (const Slot& slot : old)
    if (slot.shopper != kEmpty) slots_[position(slot.identifier)] = slot;
}

}  // namespace beacon_gateway
