#include "core/identity/fingerprint_table.hpp"

#include <algorithm>
#include <cassert>

namespace beacon_gateway {
namespace {

constexpr std::size_t kLoadNumerator = 7;
constexpr std::size_t kLoadDenominator = 10;
constexpr std::size_t kSmallest = 16;
// Grown by half: on average 1.2 times the room that is needed, at twice the copying of doubling.
constexpr std::size_t slots_for(std::size_t entries) {
  return std::max(kSmallest, entries * kLoadDenominator / kLoadNumerator + 1);
}

}  // namespace

void FingerprintTable::insert(Fingerprint fingerprint, Value value) {
  assert(value != kNone);
  if ((used_ + 1) * kLoadDenominator > slots_.size() * kLoadNumerator) resize(slots_for(used_ + used_ / 2 + 1));
  place({static_cast<std::uint32_t>(fingerprint), static_cast<std::uint32_t>(fingerprint >> 32U), value});
  ++used_;
}

void FingerprintTable::erase(Fingerprint fingerprint, Value value) {
  if (slots_.empty()) return;
  for (std::size_t at = home(fingerprint); slots_[at].value != kNone; at = after(at))
    if (slots_[at].value == value && slots_[at].fingerprint() == fingerprint) return take_out(at);
}

void FingerprintTable::reserve(std::size_t entries) {
  if (slots_for(entries) > slots_.size()) resize(slots_for(entries));
}

void FingerprintTable::place(const Slot& slot) {
  std::size_t at = home(slot.fingerprint());
  while (slots_[at].value != kNone) at = after(at);
  slots_[at] = slot;
}

// Backward-shift deletion (Knuth, TAOCP 6.4, algorithm R): no tombstones, so misses stay short for ever.
void FingerprintTable::take_out(std::size_t hole) {
  const auto distance = [&](std::size_t from, std::size_t to) {
    return to >= from ? to - from : to + slots_.size() - from;
  };
  for (std::size_t next = after(hole); slots_[next].value != kNone; next = after(next)) {
    if (distance(home(slots_[next].fingerprint()), next) < distance(hole, next)) continue;
    slots_[hole] = slots_[next];
    hole = next;
  }
  slots_[hole] = {};
  --used_;
}

void FingerprintTable::resize(std::size_t slots) {
  std::vector<Slot> old(slots);
  old.swap(slots_);
  for (const Slot& slot : old)
    if (slot.value != kNone) place(slot);
}

}  // namespace beacon_gateway
