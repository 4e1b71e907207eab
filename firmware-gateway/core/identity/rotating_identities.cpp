#include "core/identity/rotating_identities.hpp"

#include <algorithm>
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

FingerprintTable::Value value_of(std::uint32_t place, std::int64_t rotation) {
  return RotatingIdentities::kRotating | place << 2U | static_cast<std::uint32_t>(rotation & (kMostHeld - 1));
}

template <class T>
std::uint32_t take_place(std::vector<T>& from, std::vector<std::uint32_t>& free) {
  if (free.empty()) {
    from.emplace_back();
    return static_cast<std::uint32_t>(from.size() - 1);
  }
  const std::uint32_t place = free.back();
  free.pop_back();
  return place;
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

RotatingIdentities::Place RotatingIdentities::new_record(ShopperNumber shopper, bool staff) {
  const Place place = take_place(records_, free_records_);
  assert(place < (kRotating >> 2U) - 1);
  records_[place] = {};
  records_[place].shopper = shopper;
  records_[place].staff = staff;
  owned_.insert(owner_fingerprint(shopper), place);
  return place;
}

void RotatingIdentities::add_token(const Identity& identity, const RollingTokenIdentifier& token, WallTime now) {
  const Service kind{token.period_s, token.service_uuid};
  auto known = std::ranges::find(token_kinds_, kind);
  if (known == token_kinds_.end()) {
    known = token_kinds_.insert(known, kind);
    if (std::ranges::find(services_, kind.uuid) == services_.end()) services_.push_back(kind.uuid);
  }
  const Place place = new_record(identity.number, identity.staff);
  Record& record = records_[place];
  record.detail = static_cast<std::uint16_t>(known - token_kinds_.begin());
  for (const RollingTokenIdentifier::DayKey& key : token.day_keys) {
    Place link = free_day_key_;
    if (link == kNowhere) {
      link = static_cast<Place>(day_keys_.size());
      day_keys_.emplace_back();
    } else {
      free_day_key_ = day_keys_[link].next;
    }
    day_keys_[link] = {key.key, static_cast<std::int32_t>(key.day.time_since_epoch().count()), record.secret};
    record.secret = link;
  }
  enter(place, now);
}

void RotatingIdentities::add_eddystone(const Identity& identity, std::size_t position, WallTime now) {
  const auto& given = std::get<EddystoneEidIdentifier>(identity.identifiers[position]);
  const Place place = new_record(identity.number, identity.staff);
  Record& record = records_[place];
  record.eddystone = true;
  record.exponent = given.rotation_exponent;
  record.detail = static_cast<std::uint16_t>(position);
  record.secret = take_place(eddystone_keys_, free_eddystone_keys_);
  EddystoneKeys& keys = eddystone_keys_[record.secret];
  keys = {given.key, given.clock_offset_s, std::nullopt, 0, 0};
  if (given.temporary_key_from)
    keys.only_block = static_cast<std::uint16_t>(
        static_cast<std::uint32_t>(*given.temporary_key_from - given.clock_offset_s) >> kTemporaryKeyBits);
  for (const ClockCorrection& correction : identity.corrections)
    if (correction.identifier == position) {
      keys.ahead_s = correction.ahead_s;
      keys.learnt_at = static_cast<std::uint32_t>(unix_seconds(correction.learnt_at));
    }
  enter(place, now);
}

// Puts a new record's codes into the table, and the record into its sweep.
void RotatingIdentities::enter(Place place, WallTime now) {
  Record& record = records_[place];
  const Rotations wanted = to_hold(record, now);
  record.hold(wanted);
  for (std::int64_t one = wanted.first; one <= wanted.last; ++one) put(place, one);
  Sweep& sweep = sweeps_[period_s(record)];
  record.sweep_place = static_cast<std::uint32_t>(sweep.places.size());
  sweep.places.push_back(place);
}

void RotatingIdentities::remove(ShopperNumber number) {
  const Fingerprint owner = owner_fingerprint(number);
  std::vector<Place> places;
  owned_.for_each(owner, [&](FingerprintTable::Value place) {
    if (records_[place].shopper == number) places.push_back(place);
  });
  for (const Place place : places) {
    leave(place);
    owned_.erase(owner, place);
  }
}

void RotatingIdentities::leave(Place place) {
  Record& record = records_[place];
  const Rotations held = record.rotations();
  for (std::int64_t one = held.first; one <= held.last; ++one) take(place, one);
  std::vector<Place>& places = sweeps_[period_s(record)].places;
  places[record.sweep_place] = places.back();
  records_[places.back()].sweep_place = record.sweep_place;
  places.pop_back();
  std::erase_if(contested_, [&](const auto& pair) { return pair.first == place || pair.second == place; });
  free_secret(record);
  record = {};
  free_records_.push_back(place);
}

void RotatingIdentities::free_secret(const Record& record) {
  if (record.eddystone) {
    eddystone_keys_[record.secret] = {};
    free_eddystone_keys_.push_back(record.secret);
    return;
  }
  for (Place link = record.secret; link != kNowhere;) {
    const Place next = day_keys_[link].next;
    day_keys_[link] = {{}, 0, free_day_key_};
    free_day_key_ = link;
    link = next;
  }
}

void RotatingIdentities::clear() {
  records_.clear();
  free_records_.clear();
  owned_.clear();
  day_keys_.clear();
  free_day_key_ = kNowhere;
  eddystone_keys_.clear();
  free_eddystone_keys_.clear();
  token_kinds_.clear();
  services_.clear();
  sweeps_.clear();
  contested_.clear();
}

void RotatingIdentities::shrink_to_fit() {
  records_.shrink_to_fit();
  owned_.shrink_to_fit();
  day_keys_.shrink_to_fit();
  eddystone_keys_.shrink_to_fit();
  for (auto& [period, sweep] : sweeps_) sweep.places.shrink_to_fit();
}

std::uint32_t RotatingIdentities::period_s(const Record& record) const {
  return record.eddystone ? 1U << record.exponent : token_kinds_[record.detail].period_s;
}

// The seconds that the rotations divide: since 1970 for a token, of the beacon's own clock for an EID.
std::int64_t RotatingIdentities::clock_s(const Record& record, WallTime now) const {
  if (!record.eddystone) return unix_seconds(now);
  const EddystoneKeys& keys = eddystone_keys_[record.secret];
  return unix_seconds(now) - keys.clock_offset_s + keys.ahead_s;
}

std::int64_t RotatingIdentities::rotation(const Record& record, WallTime now) const {
  return floor_divide(clock_s(record, now), period_s(record));
}

RotatingIdentities::Rotations RotatingIdentities::to_hold(const Record& record, WallTime now) const {
  const std::int64_t period = period_s(record);
  const std::int64_t soon = clock_s(record, now) + std::max<std::int64_t>(period / kAheadPart, 1);
  return {rotation(record, now) - kTolerance, floor_divide(soon, period) + kTolerance};
}

// Nothing where the key of that time is not held.
std::optional<std::array<std::uint8_t, 16>> RotatingIdentities::code(const Record& record,
                                                                     std::int64_t rotation) const {
  if (record.eddystone) {
    const EddystoneKeys& keys = eddystone_keys_[record.secret];
    const auto counter = static_cast<std::uint32_t>(rotation * (std::int64_t{1} << record.exponent));
    if (keys.only_block && *keys.only_block != counter >> kTemporaryKeyBits) return std::nullopt;
    const Key128 temporary = keys.only_block ? keys.key : eddystone_temporary_key(keys.key, counter);
    const auto ephemeral_id = eddystone_ephemeral_id(temporary, record.exponent, counter);
    std::array<std::uint8_t, 16> result{};
    std::ranges::copy(ephemeral_id, result.begin());
    return result;
  }
  const std::int64_t day = rolling_token_day(rotation, token_kinds_[record.detail].period_s).time_since_epoch().count();
  for (Place link = record.secret; link != kNowhere; link = day_keys_[link].next)
    if (day_keys_[link].day == day) return rolling_token(day_keys_[link].key, rotation);
  return std::nullopt;
}

// The same for tokens and EIDs: `check` tells them apart.
Fingerprint RotatingIdentities::fingerprint(const Code& code) const {
  return fingerprinter_(code.octets.first(kCodeSize));
}

Fingerprint RotatingIdentities::owner_fingerprint(ShopperNumber number) const {
  std::array<std::uint8_t, sizeof number> octets{};
  std::memcpy(octets.data(), &number, sizeof number);
  return fingerprinter_(octets);
}

void RotatingIdentities::put(Place place, std::int64_t rotation) {
  const Record& record = records_[place];
  const auto octets = code(record, rotation);
  if (!octets) return;
  const Fingerprint heard_as = fingerprint({{}, *octets, record.eddystone});
  std::size_t claims = 0;
  std::optional<Place> rival;
  table_.for_each(heard_as, [&](FingerprintTable::Value other) {
    ++claims;
    if (other >= kRotating && owner(other) != record.shopper) rival = place_of(other);
  });
  if (rival) contested_.insert(std::minmax(place, *rival));
  if (claims < kMostClaims) table_.insert(heard_as, value_of(place, rotation));
}

void RotatingIdentities::take(Place place, std::int64_t rotation) {
  const Record& record = records_[place];
  if (const auto octets = code(record, rotation))
    table_.erase(fingerprint({{}, *octets, record.eddystone}), value_of(place, rotation));
}

void RotatingIdentities::bring_up_to_date(Place place, WallTime now) {
  Record& record = records_[place];
  const Rotations held = record.rotations();
  const Rotations wanted = to_hold(record, now);
  if (wanted == held) return;
  for (std::int64_t one = held.first; one <= held.last; ++one)
    if (!wanted.holds(one)) take(place, one);
  for (std::int64_t one = wanted.first; one <= wanted.last; ++one)
    if (!held.holds(one)) put(place, one);
  record.hold(wanted);
  if (record.eddystone) return;
  const std::uint32_t period = token_kinds_[record.detail].period_s;
  const auto oldest = rolling_token_day(wanted.first, period) - kKeysKept;
  drop_keys_before(record, static_cast<std::int32_t>(oldest.time_since_epoch().count()));
}

void RotatingIdentities::drop_keys_before(Record& record, std::int32_t day) {
  for (Place* link = &record.secret; *link != kNowhere;) {
    const Place here = *link;
    if (day_keys_[here].day >= day) {
      link = &day_keys_[here].next;
      continue;
    }
    *link = day_keys_[here].next;
    day_keys_[here] = {{}, 0, free_day_key_};
    free_day_key_ = here;
  }
}

std::optional<RotatingIdentities::Match> RotatingIdentities::check(FingerprintTable::Value value, const Code& heard,
                                                                   WallTime now) {
  Record& record = records_[place_of(value)];
  const std::int64_t first = record.first_held;
  const std::int64_t one = first + ((static_cast<std::int64_t>(value) - first) & (kMostHeld - 1));
  if (std::abs(one - rotation(record, now)) > kTolerance) return std::nullopt;
  const auto octets = code(record, one);
  if (!octets || !std::ranges::equal(heard.octets, std::span{*octets}.first(heard.octets.size()))) return std::nullopt;
  if (heard.eddystone != record.eddystone) return std::nullopt;
  if (heard.service_uuid && *heard.service_uuid != token_kinds_[record.detail].uuid) return std::nullopt;
  Match match{record.shopper, record.staff, {}, std::nullopt};
  if (record.eddystone) match.learnt = learn(record, one, now);
  const std::int64_t left = (one + kTolerance + 1) * period_s(record) - clock_s(record, now);
  match.until = std::chrono::floor<seconds>(now) + seconds{left};
  if (match.learnt) bring_up_to_date(place_of(value), now);
  return match;
}

// The rotation that was heard says at least how far the beacon's clock is off.
std::optional<ClockCorrection> RotatingIdentities::learn(Record& record, std::int64_t heard, WallTime now) {
  EddystoneKeys& keys = eddystone_keys_[record.secret];
  const std::int64_t period = period_s(record);
  const std::int64_t clock = clock_s(record, now);
  const std::int64_t off = std::clamp(clock, heard * period, (heard + 1) * period - 1) - clock;
  const std::int64_t believable =
      keys.learnt_at == 0 ? period : (unix_seconds(now) - std::int64_t{keys.learnt_at}) / kSecondsPerSecondOfDrift;
  const std::int64_t step =
      std::clamp(off, -std::max<std::int64_t>(believable, 0), std::max<std::int64_t>(believable, 0));
  if (step == 0) return std::nullopt;
  keys.ahead_s += static_cast<std::int32_t>(step);
  keys.learnt_at = static_cast<std::uint32_t>(unix_seconds(now));
  return ClockCorrection{static_cast<std::uint8_t>(record.detail), keys.ahead_s, std::chrono::floor<seconds>(now)};
}

void RotatingIdentities::advance(WallTime now) {
  if (looked_at_ && now >= *looked_at_ && now - *looked_at_ < kLookEvery) return;
  looked_at_ = now;
  for (auto& [period, one] : sweeps_) sweep(period, one, now);
}

void RotatingIdentities::sweep(std::uint32_t period, Sweep& sweep, WallTime now) {
  const Duration pass = Duration{seconds{period}} / kPasses;
  const auto count = static_cast<std::int64_t>(sweep.places.size());
  if (count == 0) return;
  if (!sweep.done_until || now < *sweep.done_until || now - *sweep.done_until >= pass) {
    for (const Place place : sweep.places) bring_up_to_date(place, now);
    sweep.done_until = now;
    return;
  }
  const std::int64_t due = (now - *sweep.done_until) * count / pass;
  for (std::int64_t i = 0; i < due; ++i) {
    sweep.cursor = (sweep.cursor + 1) % sweep.places.size();
    bring_up_to_date(sweep.places[sweep.cursor], now);
  }
  *sweep.done_until += pass * due / count;
}

std::size_t RotatingIdentities::memory() const {
  std::size_t octets = records_.capacity() * sizeof(Record) + owned_.memory() +
                       day_keys_.capacity() * sizeof(DayKeyLink) + eddystone_keys_.capacity() * sizeof(EddystoneKeys);
  for (const auto& [period, sweep] : sweeps_) octets += sweep.places.capacity() * sizeof(Place);
  return octets;
}

}  // namespace beacon_gateway
