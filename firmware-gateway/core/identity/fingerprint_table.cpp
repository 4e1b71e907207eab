#include "core/identity/fingerprint_table.hpp"

#include <cassert>
#include <utility>

namespace beacon_gateway {

void FingerprintTable::insert(Fingerprint fingerprint, Value value) {
  assert(value != kNone);
  if (overfull(used_ + 1, slots_.size())) resize(groups_for(grown(used_), kGroup));
  place(mark_of(fingerprint), {fingerprint, value});
  ++used_;
}

bool FingerprintTable::erase(Fingerprint fingerprint, Value value) {
  std::optional<std::size_t> found;
  find(fingerprint, [&](std::size_t slot) {
    if (slots_[slot].value() == value) found = slot;
  });
  if (found) take_out(*found);
  return found.has_value();
}

void FingerprintTable::reserve(std::size_t entries) {
  if (groups_for(entries, kGroup) > marks_.size()) resize(groups_for(entries, kGroup));
}

void FingerprintTable::shrink_to_fit() {
  if (used_ == 0) return clear();
  if (groups_for(used_, kGroup) < marks_.size()) resize(groups_for(used_, kGroup));
}

void FingerprintTable::place(std::uint8_t mark, const Slot& slot) {
  mark_in_filter(slot.rest() << 8U);
  std::size_t group = home(slot.rest() << 8U);
  while (marks_[group].full()) group = after(group);
  std::size_t place = 0;
  while (marks_[group].at(place) != kFree) ++place;
  marks_[group].set(place, mark);
  slots_[group * kGroup + place] = slot;
}

// Backward-shift deletion (Knuth, TAOCP 6.4, algorithm R) by groups: no tombstones, so misses stay short for ever.
// Where a group was not full, nothing went past it. Else the next one that did is moved into the hole, and leaves one.
void FingerprintTable::take_out(std::size_t hole) {
  std::size_t holed = hole / kGroup;
  for (std::size_t group = holed; marks_[group].full();) {
    group = after(group);
    const auto moved = that_passed(holed, group);
    if (!moved) continue;
    marks_[holed].set(hole % kGroup, marks_[group].at(*moved % kGroup));
    slots_[hole] = slots_[*moved];
    hole = *moved;
    holed = group;
  }
  marks_[holed].set(hole % kGroup, kFree);
  slots_[hole] = {};
  --used_;
  if (filter_.erased(used_)) refilter();
}

void FingerprintTable::refilter() {
  filter_.begin(slots_.size());
  for (std::size_t slot = 0; slot < slots_.size(); ++slot)
    if (marks_[slot / kGroup].at(slot % kGroup) != kFree) mark_in_filter(slots_[slot].rest() << 8U);
}

// A slot of `group` whose search passes, or begins at, the group `over`.
std::optional<std::size_t> FingerprintTable::that_passed(std::size_t over, std::size_t group) const {
  for (std::size_t place = 0; place < kGroup; ++place) {
    const std::size_t slot = group * kGroup + place;
    if (marks_[group].at(place) != kFree && distance(home_of(slot), group) >= distance(over, group)) return slot;
  }
  return std::nullopt;
}

void FingerprintTable::resize(std::size_t groups) {
  const Array<Marks> old_marks = std::exchange(marks_, Array<Marks>(groups));
  const Array<Slot> old_slots = std::exchange(slots_, Array<Slot>(groups * kGroup));
  refilter();
  for (std::size_t slot = 0; slot < old_slots.size(); ++slot)
    if (const std::uint8_t mark = old_marks[slot / kGroup].at(slot % kGroup); mark != kFree)
      place(mark, old_slots[slot]);
}

}  // namespace beacon_gateway
