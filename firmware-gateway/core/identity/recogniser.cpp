#include "core/identity/recogniser.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <numeric>

#include "core/identity/irk_scan.hpp"

namespace beacon_gateway {
namespace {

using Found = Recognition::Found;

// 256 KiB each. Two thousand phones and tags around a busy shop have a few payloads each at a time.
constexpr std::size_t kRepeats = 16384;
constexpr std::size_t kAddresses = 16384;

// How long an answer is repeated without looking: an unknown code may be the next one of a shopper whose clock is
// ahead.
constexpr std::uint32_t kRepeatForSeconds = 30;
// The longest life of a resolvable private address (Core 5.4, Vol 4 Part E, 7.8.45: time-out of 1 s to 1 h).
constexpr std::uint32_t kAddressLivesSeconds = 3600;

// A value of the table: the shopper, and whether she is staff.
constexpr FingerprintTable::Value kStaff = 1U << 30U;

// An answer in 32 bits.
constexpr unsigned kFoundShift = 28;
constexpr std::uint32_t kRotatingBit = 1U << 27U;
static_assert(kMostShoppers < kRotatingBit);

std::uint32_t packed(const Recognition& one) {
  return static_cast<std::uint32_t>(one.found) << kFoundShift |
         (one.assurance == Assurance::rotating ? kRotatingBit : 0) | one.shopper;
}
Recognition unpacked(std::uint32_t answer) {
  return {static_cast<Found>(answer >> kFoundShift), answer & (kRotatingBit - 1),
          (answer & kRotatingBit) != 0 ? Assurance::rotating : Assurance::fixed};
}

std::uint32_t second_of(WallTime at) {
  return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

bool wanted(const IdentityRules& rules, const IBeacon& frame) {
  return rules.ibeacon_uuids.empty() || std::ranges::find(rules.ibeacon_uuids, frame.uuid) != rules.ibeacon_uuids.end();
}

bool lasts(AddressType type) {
  return type == AddressType::public_address || type == AddressType::random_static;
}

constexpr std::size_t place_of(IdentifierKind kind) {
  return static_cast<std::size_t>(kind);
}

ShopperNumber shopper_of(FingerprintTable::Value value) {
  return value & ~kStaff;
}

// Puts the answers for several claimants together: one shopper is a match, two are none.
class Claims {
 public:
  void add(ShopperNumber shopper, bool staff, Assurance assurance) {
    if (recognition_.shopper == 0)
      recognition_ = {staff ? Found::staff : Found::match, shopper, assurance};
    else if (recognition_.shopper != shopper)
      contest();
  }
  void contest() { recognition_.found = Found::contested; }

  // Nothing: nobody claims it.
  [[nodiscard]] std::optional<Recognition> made() const {
    if (recognition_.found == Found::match) return recognition_;
    if (recognition_.found == Found::no_beacon) return std::nullopt;
    return Recognition{recognition_.found, 0, Assurance::fixed};
  }

 private:
  Recognition recognition_;
};

}  // namespace

std::vector<Identifier> lasting_identifiers(const Identity& identity) {
  std::vector<Identifier> result;
  for (const ProfileIdentifier& one : identity.identifiers) {
    if (const auto* ibeacon = std::get_if<IBeaconIdentifier>(&one))
      result.push_back(identifier_of(IBeacon{ibeacon->uuid, ibeacon->major, ibeacon->minor, 0}));
    else if (const auto* altbeacon = std::get_if<AltBeaconIdentifier>(&one))
      result.push_back(identifier_of(AltBeacon{altbeacon->company, altbeacon->id, 0, 0}));
    else if (const auto* uid = std::get_if<EddystoneUidIdentifier>(&one))
      result.push_back(identifier_of(EddystoneUid{uid->name_space, uid->instance, 0}));
    else if (const auto* address = std::get_if<AddressIdentifier>(&one))
      result.push_back(identifier_of(address->address));
  }
  // One that is given twice counts once. At most eight: no need to sort.
  for (auto one = result.begin(); one != result.end();)
    one = std::find(result.begin(), one, *one) == one ? one + 1 : result.erase(one);
  return result;
}

Recogniser::Recogniser(IdentityRules rules, const Key128& secret)
    : rules_(std::move(rules)),
      fingerprinter_(secret),
      rotating_(fingerprinter_),
      repeats_(kRepeats),
      addresses_(kAddresses) {
  collect_services();
}

void Recogniser::set_rules(IdentityRules rules) {
  rules_ = std::move(rules);
  repeats_stale_ = addresses_stale_ = true;
  collect_services();
}

void Recogniser::collect_services() {
  services_ = rules_.token_service_uuids;
  for (const Uuid& service : rotating_.services())
    if (std::ranges::find(services_, service) == services_.end()) services_.push_back(service);
}

void Recogniser::add(const Identity& identity, WallTime now) {
  assert(identity.number > 0 && identity.number <= kMostShoppers);
  repeats_stale_ = true;
  for (const Identifier& identifier : lasting_identifiers(identity)) {
    const Fingerprint fingerprint = fingerprint_of(identifier);
    std::size_t claims = 0;
    table_.for_each(fingerprint, [&](FingerprintTable::Value) { ++claims; });
    // A template's identifier in every profile must not cost the square of their number.
    if (claims >= RotatingIdentities::kMostClaims) {
      crowded_.insert(fingerprint);
      continue;
    }
    table_.insert(fingerprint, identity.number | (identity.staff ? kStaff : 0));
    ++lasting_[place_of(identifier.kind)];
    if (claimed_twice(fingerprint)) contested_.insert(fingerprint);
  }
  const std::size_t services_before = rotating_.services().size();
  rotating_.add(identity, now);
  if (rotating_.services().size() != services_before) collect_services();
  for (const ProfileIdentifier& one : identity.identifiers)
    if (const auto* irk = std::get_if<IrkIdentifier>(&one)) add_irk(irk->key, identity);
}

void Recogniser::add_irk(const Key128& key, const Identity& identity) {
  addresses_stale_ = true;
  irks_.push_back(key);
  irk_owners_.push_back(identity.number | (identity.staff ? kStaff : 0));
}

void Recogniser::remove(const Identity& identity) {
  repeats_stale_ = true;
  for (const Identifier& identifier : lasting_identifiers(identity)) {
    const Fingerprint fingerprint = fingerprint_of(identifier);
    if (table_.erase(fingerprint, identity.number | (identity.staff ? kStaff : 0)))
      --lasting_[place_of(identifier.kind)];
    if (!claimed_twice(fingerprint)) contested_.erase(fingerprint);
  }
  rotating_.remove(identity.number);
  const bool any_irk = std::ranges::any_of(
      identity.identifiers, [](const ProfileIdentifier& one) { return std::holds_alternative<IrkIdentifier>(one); });
  if (!any_irk) return;
  addresses_stale_ = true;
  for (std::size_t i = irks_.size(); i-- > 0;) {
    if (shopper_of(irk_owners_[i]) != identity.number) continue;
    irks_[i] = irks_.back();
    irk_owners_[i] = irk_owners_.back();
    irks_.back() = {};
    irks_.pop_back();
    irk_owners_.pop_back();
  }
}

void Recogniser::clear() {
  table_.clear();
  rotating_.clear();
  contested_.clear();
  irks_.clear();
  irk_owners_.clear();
  crowded_.clear();
  lasting_ = {};
  repeats_stale_ = addresses_stale_ = true;
  collect_services();
}

bool Recogniser::claimed_twice(Fingerprint fingerprint) const {
  Claims claims;
  table_.for_each(fingerprint,
                  [&](FingerprintTable::Value value) { claims.add(shopper_of(value), false, Assurance::fixed); });
  const auto made = claims.made();
  return made && made->found == Found::contested;
}

Fingerprint Recogniser::fingerprint_of(const Identifier& identifier) const {
  return fingerprinter_(static_cast<std::uint64_t>(identifier.kind), identifier.octets);
}

Fingerprint Recogniser::fingerprint_of(const Advertisement& heard) const {
  static_assert(sizeof heard.address.octets + sizeof heard.address.type < sizeof(std::uint64_t));
  std::uint64_t head = 0;
  std::memcpy(&head, heard.address.octets.data(), sizeof heard.address.octets);
  return fingerprinter_(head << 8U | static_cast<std::uint64_t>(heard.address.type), heard.payload.bytes());
}

Recognition Recogniser::recognise(const Advertisement& heard) {
  rotating_.expect(heard.payload.bytes());
  rotating_.advance(heard.instant.wall);
  if (std::exchange(addresses_stale_, false)) addresses_.clear();
  if (std::exchange(repeats_stale_, false)) repeats_.clear();
  const std::uint32_t now = second_of(heard.instant.wall);
  const Fingerprint repeat = fingerprint_of(heard);
  if (const auto answer = repeats_.find(repeat, now)) return unpacked(*answer);
  const Finding finding = look_up(heard);
  repeats_.remember(repeat, packed(finding.recognition), now, finding.until);
  return finding.recognition;
}

// The frames in their order, then the address. The first match wins; without one the most telling answer does.
Recogniser::Finding Recogniser::look_up(const Advertisement& heard) {
  const WallTime at = heard.instant.wall;
  const std::uint32_t now = second_of(at);
  const Frames frames = decode(heard.payload.bytes(), services_);
  Finding finding{{}, now + kRepeatForSeconds};
  finding.recognition.found = frames.count > 0                         ? Found::unknown
                              : frames.fault == DecodeFault::malformed ? Found::malformed
                                                                       : Found::no_beacon;
  for (const Frame& frame : frames) {
    try_frame(frame, at, finding);
    if (finding.recognition.found == Found::match) return finding;
  }
  if (lasts(heard.address.type)) try_fixed(identifier_of(heard.address), finding);
  if (heard.address.type == AddressType::random_resolvable && !irks_.empty()) try_irks(heard.address, now, finding);
  return finding;
}

void Recogniser::try_frame(const Frame& frame, WallTime now, Finding& finding) {
  if (const auto* ibeacon = std::get_if<IBeacon>(&frame)) {
    if (wanted(rules_, *ibeacon)) try_fixed(identifier_of(*ibeacon), finding);
  } else if (const auto* altbeacon = std::get_if<AltBeacon>(&frame)) {
    try_fixed(identifier_of(*altbeacon), finding);
  } else if (const auto* uid = std::get_if<EddystoneUid>(&frame)) {
    try_fixed(identifier_of(*uid), finding);
  } else if (const auto* eid = std::get_if<EddystoneEid>(&frame)) {
    try_code({std::nullopt, eid->ephemeral_id, true}, now, finding);
  } else if (const auto* data = std::get_if<ServiceData>(&frame)) {
    if (data->size >= RotatingIdentities::kCodeSize)
      try_code({data->service_uuid, std::span{data->data}.first(RotatingIdentities::kCodeSize), false}, now, finding);
    else if (data->size == 0)  // the service's own UUID may be a token
      try_code({std::nullopt, data->service_uuid, false}, now, finding);
  }
}

void Recogniser::try_fixed(const Identifier& identifier, Finding& finding) const {
  if (lasting_[place_of(identifier.kind)] == 0) return;
  const Fingerprint fingerprint = fingerprint_of(identifier);
  Claims claims;
  table_.for_each(fingerprint, [&](FingerprintTable::Value value) {
    claims.add(shopper_of(value), (value & kStaff) != 0, Assurance::fixed);
  });
  if (!crowded_.empty() && crowded_.contains(fingerprint)) claims.contest();
  if (const auto made = claims.made(); made && made->found > finding.recognition.found) finding.recognition = *made;
}

void Recogniser::try_code(const RotatingIdentities::Code& code, WallTime now, Finding& finding) {
  if (rotating_.size() == 0) return;
  Claims claims;
  rotating_.for_each_match(code, now, [&](const RotatingIdentities::Match& match) {
    claims.add(match.shopper, match.staff, Assurance::rotating);
    finding.until = std::min(finding.until, second_of(match.until));
    if (match.learnt) learnt_.emplace_back(match.shopper, *match.learnt);
  });
  if (const auto made = claims.made(); made && made->found > finding.recognition.found) finding.recognition = *made;
}

void Recogniser::try_irks(const Address& address, std::uint32_t now, Finding& finding) {
  const Fingerprint fingerprint = fingerprint_of(identifier_of(address));
  auto answer = addresses_.find(fingerprint, now);
  if (!answer) {
    const auto resolvable = resolvable_address(address);
    assert(resolvable);
    IrkMatches matches;
    scan_irks(std::span{irks_}.first(irks()), {&*resolvable, 1}, {&matches, 1}, 0);
    Claims claims;
    for (std::size_t i = 0; i < std::min(matches.count, matches.places.size()); ++i) {
      const FingerprintTable::Value owner = irk_owners_[matches.places[i]];
      claims.add(shopper_of(owner), (owner & kStaff) != 0, Assurance::fixed);
    }
    if (matches.count > matches.places.size()) claims.contest();
    answer = packed(claims.made().value_or(Recognition{}));
    addresses_.remember(fingerprint, *answer, now, now + kAddressLivesSeconds);
  }
  if (const Recognition made = unpacked(*answer); made.found > finding.recognition.found) finding.recognition = made;
}

void Recogniser::shrink_to_fit() {
  table_.shrink_to_fit();
  rotating_.shrink_to_fit();
  irks_.shrink_to_fit();
  irk_owners_.shrink_to_fit();
}

std::size_t Recogniser::size() const {
  return std::reduce(lasting_.begin(), lasting_.end()) + rotating_.size() + irks();
}

std::size_t Recogniser::memory() const {
  return table_.memory() + rotating_.memory() + irks_.capacity() * sizeof(Key128) +
         irk_owners_.capacity() * sizeof(FingerprintTable::Value) + repeats_.memory() + addresses_.memory();
}

}  // namespace beacon_gateway
