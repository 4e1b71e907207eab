#include "core/identity/rotating_records.hpp"

#include <cassert>

namespace beacon_gateway {
namespace {

// Of the table of places: at most four in five slots are used, and it grows by a quarter.
constexpr std::size_t kLoadNumerator = 4;
constexpr std::size_t kLoadDenominator = 5;
constexpr std::size_t kGrowth = 4;

constexpr std::size_t slots_for(std::size_t records) {
  return records * kLoadDenominator / kLoadNumerator + 1;
}

}  // namespace

RotatingRecords::Place RotatingRecords::add_token(ShopperNumber shopper, std::uint32_t period_s) {
  return add(Kind::token, shopper, period_s);
}

RotatingRecords::Place RotatingRecords::add_eddystone(ShopperNumber shopper, std::uint32_t period_s) {
  return add(Kind::eddystone, shopper, period_s);
}

RotatingRecords::Place RotatingRecords::add(Kind kind, ShopperNumber shopper, std::uint32_t period_s) {
  assert(shopper > 0 && shopper <= kMostShoppers);
  Cohort& cohort = cohorts_[{kind, period_s}];
  cohort.period_s = period_s;
  if (cohort.free == kNowhere) add_chunk(kind, cohort);
  const Place place = cohort.free;
  RotatingRecord& record = at(place);
  cohort.free = record.first_held_lower;
  record.first_held_lower = 0;
  record.shopper = shopper & kMostShoppers;
  ++size_;
  if (slots_for(size_) > owned_.size()) resize_owned(slots_for(size_ + size_ / kGrowth));
  own(place);
  return place;
}

void RotatingRecords::add_chunk(Kind kind, Cohort& cohort) {
  const auto number = static_cast<std::uint32_t>(chunks_.size());
  assert(number < kMostPlaces / kChunk);
  Chunk& chunk = chunks_.emplace_back();
  chunk.cohort = &cohort;
  if (kind == Kind::token)
    chunk.tokens = std::make_unique<std::array<RollingTokenRecord, kChunk>>();
  else
    chunk.eddystones = std::make_unique<std::array<EddystoneRecord, kChunk>>();
  cohort.chunks.push_back(number);
  for (std::size_t i = kChunk; i-- > 0;)
    at(static_cast<Place>(number * kChunk + i)).first_held_lower =
        std::exchange(cohort.free, static_cast<Place>(number * kChunk + i));
}

void RotatingRecords::remove(Place place) {
  disown(place);
  --size_;
  if (RollingTokenRecord* const record = token(place)) *record = {};
  if (EddystoneRecord* const record = eddystone(place)) *record = {};
  at(place).first_held_lower = std::exchange(chunks_[place / kChunk].cohort->free, place);
}

void RotatingRecords::shrink_to_fit() {
  chunks_.shrink_to_fit();
  for (auto& [key, cohort] : cohorts_) cohort.chunks.shrink_to_fit();
  if (slots_for(size_) < owned_.size()) resize_owned(slots_for(size_));
}

std::vector<RotatingRecords::Place> RotatingRecords::of(ShopperNumber shopper) const {
  std::vector<Place> result;
  if (owned_.empty()) return result;
  for (std::size_t slot = home(shopper); owned_[slot] != kNowhere; slot = after(slot))
    if (at(owned_[slot]).shopper == shopper) result.push_back(owned_[slot]);
  return result;
}

// Numbers come from our own store, so nobody chooses those that collide: multiplied by 2^32 by the golden ratio they
// lie far apart (Knuth, TAOCP 6.4), and are spread over the slots by Lemire's reduction.
std::size_t RotatingRecords::home(ShopperNumber shopper) const {
  constexpr std::uint32_t kGolden = 0x9E3779B1;
  const std::uint32_t mixed = shopper * kGolden;
  return std::uint64_t{mixed} * owned_.size() >> 32U;
}

void RotatingRecords::own(Place place) {
  std::size_t slot = home(at(place).shopper);
  while (owned_[slot] != kNowhere) slot = after(slot);
  owned_[slot] = place;
}

// Backward-shift deletion (Knuth, TAOCP 6.4, algorithm R).
void RotatingRecords::disown(Place place) {
  std::size_t hole = home(at(place).shopper);
  while (owned_[hole] != place) hole = after(hole);
  for (std::size_t slot = after(hole); owned_[slot] != kNowhere; slot = after(slot)) {
    if (distance(home(at(owned_[slot]).shopper), slot) < distance(hole, slot)) continue;
    owned_[hole] = owned_[slot];
    hole = slot;
  }
  owned_[hole] = kNowhere;
}

void RotatingRecords::resize_owned(std::size_t slots) {
  const std::vector<Place> old = std::exchange(owned_, std::vector<Place>(slots, kNowhere));
  for (const Place place : old)
    if (place != kNowhere) own(place);
}

std::size_t RotatingRecords::memory() const {
  std::size_t octets = chunks_.capacity() * sizeof(Chunk) + owned_.capacity() * sizeof(Place);
  for (const Chunk& chunk : chunks_) octets += chunk.tokens ? sizeof(*chunk.tokens) : sizeof(*chunk.eddystones);
  for (const auto& [key, cohort] : cohorts_) octets += cohort.chunks.capacity() * sizeof(cohort.chunks.front());
  return octets;
}

}  // namespace beacon_gateway
