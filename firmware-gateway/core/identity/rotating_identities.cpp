#include "core/identity/rotating_identities.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>

#include "core/identity/rotating_codes.hpp"

namespace beacon_gateway {
namespace {

using std::chrono::seconds;

// What is taken: n-1 .. n+1 (contract 3.5).
constexpr std::int64_t kTolerance = 1;
// In the table are those, and for the last quarter of a rotation the one after them too: at most four, whose number
// modulo 4 tells them apart.
constexpr std::int64_t kMostHeld = 4;
constexpr std::int64_t kAheadPart = 4;
// Each pass takes an eighth of a rotation: whatever is swept has been so twice before its next code may be heard.
constexpr int kPasses = 8;
// How often `advance` looks: far more often than the shortest rotation (1 s for EID exponent 0) is swept.
constexpr Duration kLookEvery = std::chrono::milliseconds{250};
// A crystal's drift that is believed, in seconds for each second learnt: 1 in 5 000 is twice the worst tag (100 ppm),
// and bounds how far a replay can pull a window along.
constexpr std::int64_t kSecondsPerSecondOfDrift = 5000;

// A temporary key lasts for the 65 536 s that share the counter's upper bits.
constexpr unsigned kTemporaryKeyBits = 16;

// Keys older than yesterday are deleted (contract 3.5).
constexpr std::chrono::days kKeysKept{1};

std::int64_t unix_seconds(WallTime at) {
  return std::chrono::floor<seconds>(at).time_since_epoch().count();
}

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value >= 0 ? value / by : -((-value + by - 1) / by);
}

CodeTable::Value value_of(RotatingRecords::Place place, std::int64_t rotation) {
  static_assert(RotatingRecords::kMostPlaces <= (std::uint64_t{1} << 32U) / kMostHeld);
  return place << 2U | static_cast<std::uint32_t>(rotation & (kMostHeld - 1));
}
RotatingRecords::Place place_of(CodeTable::Value value) {
  return value >> 2U;
}

// A day as a record has it; 0 for one that no key can be used on.
std::uint16_t short_day(std::chrono::sys_days day) {
  const auto number = day.time_since_epoch().count();
  return number > 0 && number <= std::numeric_limits<std::uint16_t>::max() ? static_cast<std::uint16_t>(number) : 0;
}

}  // namespace

void RotatingIdentities::add(const Identity& identity, WallTime now) {
  for (std::size_t i = 0; i < identity.identifiers.size(); ++i) {
    if (const auto* token = std::get_if<RollingTokenIdentifier>(&identity.identifiers[i]))
      add_token(identity, *token, now);
    else if (std::holds_alternative<EddystoneEidIdentifier>(identity.identifiers[i]))
      add_eddystone(identity, i, now);
  }
}

void RotatingIdentities::add_token(const Identity& identity, const RollingTokenIdentifier& token, WallTime now) {
  constexpr std::size_t kKeys = RollingTokenRecord::kKeys;
  const std::uint16_t service = service_number(token.service_uuid);
  ++size_;
  for (std::size_t first = 0; first == 0 || first < token.day_keys.size(); first += kKeys) {
    const Place place = records_.add_token(identity.number, token.period_s);
    RollingTokenRecord& record = *records_.token(place);
    record.staff = identity.staff;
    record.detail = service;
    record.position = static_cast<std::uint8_t>(first / kKeys);
    for (std::size_t i = 0; i < kKeys && first + i < token.day_keys.size(); ++i) {
      record.days[i] = short_day(token.day_keys[first + i].day);
      if (record.days[i] != 0) record.keys[i] = token.day_keys[first + i].key;
    }
    enter(place, now);
  }
}

std::uint16_t RotatingIdentities::service_number(const Uuid& service) {
  const auto known = std::ranges::find(services_, service);
  const auto number = static_cast<std::uint16_t>(known - services_.begin());
  if (known == services_.end()) services_.push_back(service);
  return number;
}

void RotatingIdentities::add_eddystone(const Identity& identity, std::size_t position, WallTime now) {
  const auto& given = std::get<EddystoneEidIdentifier>(identity.identifiers[position]);
  const Place place = records_.add_eddystone(identity.number, 1U << given.rotation_exponent);
  EddystoneRecord& record = *records_.eddystone(place);
  ++size_;
  record.staff = identity.staff;
  record.position = static_cast<std::uint8_t>(position);
  record.key = given.key;
  record.clock_offset_s = static_cast<std::int32_t>(given.clock_offset_s);
  record.only_block = given.temporary_key_from.has_value();
  if (given.temporary_key_from)
    record.detail = static_cast<std::uint16_t>(
        static_cast<std::uint32_t>(*given.temporary_key_from - given.clock_offset_s) >> kTemporaryKeyBits);
  for (const ClockCorrection& correction : identity.corrections)
    if (correction.identifier == position) {
      record.ahead_s = correction.ahead_s;
      record.learnt_at = static_cast<std::uint32_t>(unix_seconds(correction.learnt_at));
    }
  enter(place, now);
}

// Puts a new record's codes into the table.
void RotatingIdentities::enter(Place place, WallTime now) {
  const Rotations wanted = to_hold(place, now);
  records_.at(place).hold(wanted);
  for (std::int64_t one = wanted.first; one <= wanted.last; ++one) put(place, one);
}

void RotatingIdentities::remove(ShopperNumber number) {
  for (const Place place : records_.of(number)) leave(place);
}

void RotatingIdentities::leave(Place place) {
  const Rotations held = records_.at(place).rotations();
  for (std::int64_t one = held.first; one <= held.last; ++one) take(place, one);
  std::erase_if(contested_, [&](const auto& pair) { return pair.first == place || pair.second == place; });
  if (records_.eddystone(place) != nullptr || records_.at(place).position == 0) --size_;
  records_.remove(place);
}

void RotatingIdentities::clear() {
  codes_.clear();
  records_.clear();
  services_.clear();
  size_ = 0;
  contested_.clear();
}

void RotatingIdentities::shrink_to_fit() {
  codes_.shrink_to_fit();
  records_.shrink_to_fit();
}

std::int64_t RotatingIdentities::clock_s(Place place, WallTime now) const {
  const EddystoneRecord* const record = records_.eddystone(place);
  return record != nullptr ? unix_seconds(now) - record->clock_offset_s + record->ahead_s : unix_seconds(now);
}

std::int64_t RotatingIdentities::rotation(Place place, WallTime now) const {
  return floor_divide(clock_s(place, now), records_.period_s(place));
}

Rotations RotatingIdentities::to_hold(Place place, WallTime now) const {
  const std::int64_t period = records_.period_s(place);
  const std::int64_t soon = clock_s(place, now) + std::max<std::int64_t>(period / kAheadPart, 1);
  return {rotation(place, now) - kTolerance, floor_divide(soon, period) + kTolerance};
}

std::optional<RotatingIdentities::CodeOctets> RotatingIdentities::code(Place place, std::int64_t rotation) const {
  const std::uint32_t period = records_.period_s(place);
  if (const EddystoneRecord* const record = records_.eddystone(place)) {
    const auto counter = static_cast<std::uint32_t>(rotation * period);
    if (record->only_block && record->detail != counter >> kTemporaryKeyBits) return std::nullopt;
    const Key128 temporary = record->only_block ? record->key : eddystone_temporary_key(record->key, counter);
    CodeOctets result{};
    std::ranges::copy(eddystone_ephemeral_id(temporary, static_cast<std::uint8_t>(std::countr_zero(period)), counter),
                      result.begin());
    return result;
  }
  const RollingTokenRecord& record = *records_.token(place);
  const std::uint16_t day = short_day(rolling_token_day(rotation, period));
  for (std::size_t i = 0; i < RollingTokenRecord::kKeys; ++i)
    if (record.days[i] == day && day != 0) return rolling_token(record.keys[i], rotation);
  return std::nullopt;
}

std::int64_t RotatingIdentities::rotation_of(CodeTable::Value value) const {
  const std::int64_t first = records_.at(place_of(value)).rotations().first;
  return first + ((static_cast<std::int64_t>(value) - first) & (kMostHeld - 1));
}

void RotatingIdentities::put(Place place, std::int64_t rotation) {
  const auto octets = code(place, rotation);
  if (!octets) return;
  std::size_t claims = 0;
  std::optional<Place> rival;
  codes_.for_each(hash_(*octets), [&](CodeTable::Value other) {
    const auto theirs = code(place_of(other), rotation_of(other));
    if (!theirs || !std::ranges::equal(std::span{*theirs}.first(kCodeSize), std::span{*octets}.first(kCodeSize)))
      return;
    ++claims;
    if (records_.at(place_of(other)).shopper != records_.at(place).shopper) rival = place_of(other);
  });
  if (rival) contested_.insert(std::minmax(place, *rival));
  if (claims < kMostClaims) codes_.insert(hash_(*octets), value_of(place, rotation));
}

void RotatingIdentities::take(Place place, std::int64_t rotation) {
  if (const auto octets = code(place, rotation)) codes_.erase(hash_(*octets), value_of(place, rotation));
}

void RotatingIdentities::bring_up_to_date(Place place, WallTime now) {
  const Rotations held = records_.at(place).rotations();
  const Rotations wanted = to_hold(place, now);
  if (wanted == held) return;
  for (std::int64_t one = held.first; one <= held.last; ++one)
    if (!wanted.holds(one)) take(place, one);
  for (std::int64_t one = wanted.first; one <= wanted.last; ++one)
    if (!held.holds(one)) put(place, one);
  records_.at(place).hold(wanted);
  RollingTokenRecord* const record = records_.token(place);
  if (record == nullptr) return;
  const std::uint16_t oldest = short_day(rolling_token_day(wanted.first, records_.period_s(place)) - kKeysKept);
  for (std::size_t i = 0; i < RollingTokenRecord::kKeys; ++i) {
    if (record->days[i] >= oldest) continue;
    record->days[i] = 0;
    record->keys[i] = {};
  }
}

// What a table's value is worth now that this code was heard.
bool RotatingIdentities::fits(CodeTable::Value value, const Code& heard, WallTime now) const {
  const Place place = place_of(value);
  const std::int64_t one = rotation_of(value);
  if (std::abs(one - rotation(place, now)) > kTolerance) return false;
  const auto octets = code(place, one);
  if (!octets || !std::ranges::equal(heard.octets, std::span{*octets}.first(heard.octets.size()))) return false;
  if (heard.eddystone != (records_.eddystone(place) != nullptr)) return false;
  return !heard.service_uuid || *heard.service_uuid == services_[records_.at(place).detail];
}

RotatingIdentities::Match RotatingIdentities::found(CodeTable::Value value, WallTime now) {
  const Place place = place_of(value);
  const std::int64_t one = rotation_of(value);
  Match match{records_.at(place).shopper, records_.at(place).staff, {}, learn(place, one, now)};
  const std::int64_t left = (one + kTolerance + 1) * records_.period_s(place) - clock_s(place, now);
  match.until = std::chrono::floor<seconds>(now) + seconds{left};
  if (match.learnt) bring_up_to_date(place, now);
  return match;
}

// Of an EID, the rotation that was heard says at least how far the beacon's clock is off.
std::optional<ClockCorrection> RotatingIdentities::learn(Place place, std::int64_t heard, WallTime now) {
  EddystoneRecord* const record = records_.eddystone(place);
  if (record == nullptr) return std::nullopt;
  const std::int64_t period = records_.period_s(place);
  const std::int64_t clock = clock_s(place, now);
  const std::int64_t off = std::clamp(clock, heard * period, (heard + 1) * period - 1) - clock;
  const std::int64_t believable =
      record->learnt_at == 0 ? period
                             : (unix_seconds(now) - std::int64_t{record->learnt_at}) / kSecondsPerSecondOfDrift;
  const std::int64_t step =
      std::clamp(off, -std::max<std::int64_t>(believable, 0), std::max<std::int64_t>(believable, 0));
  if (step == 0) return std::nullopt;
  record->ahead_s += static_cast<std::int32_t>(step);
  record->learnt_at = static_cast<std::uint32_t>(unix_seconds(now));
  return ClockCorrection{record->position, record->ahead_s, std::chrono::floor<seconds>(now)};
}

void RotatingIdentities::advance(WallTime now) {
  if (looked_at_ && now >= *looked_at_ && now - *looked_at_ < kLookEvery) return;
  looked_at_ = now;
  records_.for_each_cohort([&](RotatingRecords::Cohort& cohort) { sweep(cohort, now); });
}

void RotatingIdentities::sweep(RotatingRecords::Cohort& cohort, WallTime now) {
  const auto bring_one_up_to_date = [&](std::size_t number) {
    const Place place = cohort.place(number);
    if (records_.at(place).shopper != 0) bring_up_to_date(place, now);
  };
  const Duration pass = Duration{seconds{cohort.period_s}} / kPasses;
  const auto count = static_cast<std::int64_t>(cohort.size());
  if (!cohort.swept_until || now < *cohort.swept_until || now - *cohort.swept_until >= pass) {
    for (std::size_t number = 0; number < cohort.size(); ++number) bring_one_up_to_date(number);
    cohort.swept_until = now;
    return;
  }
  const std::int64_t due = (now - *cohort.swept_until) * count / pass;
  for (std::int64_t i = 0; i < due; ++i) {
    cohort.cursor = (cohort.cursor + 1) % cohort.size();
    bring_one_up_to_date(cohort.cursor);
  }
  *cohort.swept_until += pass * due / count;
}

std::size_t RotatingIdentities::memory() const {
  return codes_.memory() + records_.memory();
}

}  // namespace beacon_gateway
