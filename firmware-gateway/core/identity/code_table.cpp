#include "core/identity/code_table.hpp"

#include <optional>
#include <utility>

namespace beacon_gateway {

void CodeTable::insert(Hash hash, Value value) {
  if (overfull(used_ + 1, slots_.size())) resize(groups_for(grown(used_), kTags));
  place(normal(hash), value);
  ++used_;
}

bool CodeTable::erase(Hash hash, Value value) {
  hash = normal(hash);
  std::optional<std::size_t> found;
  find(hash, [&](std::size_t slot) {
    if (slots_[slot].value() == value) found = slot;
  });
  if (!found) return false;
  const std::size_t holed = *found / kTags;
  lines_[holed].set(*found % kTags, kFree);
  slots_[*found] = {};
  for (std::size_t line = home(hash); line != holed; line = after(line)) tell_passed_anew(line);
  --used_;
  if (filter_.erased(used_)) refilter();
  return true;
}

void CodeTable::shrink_to_fit() {
  if (used_ == 0) return clear();
  if (groups_for(used_, kTags) < lines_.size()) resize(groups_for(used_, kTags));
}

void CodeTable::place(Hash hash, Value value) {
  filter_.add(hash, hash);
  for (std::size_t line = home(hash);; line = after(line)) {
    std::optional<std::size_t> free;
    lines_[line].for_each(kFree, [&](std::size_t place) { free = place; });
    if (free) {
      lines_[line].set(*free, tag_of(hash));
      slots_[line * kTags + *free] = {hash, value};
      return;
    }
    lines_[line].set_passed(lines_[line].passed() | passed_bit(hash));
  }
}

// After an erasure: the bits of those that still are beyond the line. They have passed each line between, too.
void CodeTable::tell_passed_anew(std::size_t line) {
  Tag bits = 0;
  for (std::size_t beyond = after(line); beyond != line; beyond = after(beyond)) {
    for (std::size_t place = 0; place < kTags; ++place) {
      if (lines_[beyond].at(place) == kFree) continue;
      const Hash hash = hash_at(beyond * kTags + place);
      if (distance(home(hash), beyond) >= distance(line, beyond)) bits |= passed_bit(hash);
    }
    if (lines_[beyond].passed() == 0) break;
  }
  lines_[line].set_passed(bits);
}

void CodeTable::refilter() {
  filter_.begin(slots_.size());
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    const Hash hash = hash_at(slot);
    if (tag_of(hash) != kFree) filter_.add(hash, hash);
  }
}

void CodeTable::resize(std::size_t lines) {
  const CodeTable old = std::exchange(*this, {});
  lines_ = Array<Line>(lines);
  slots_ = Array<Slot>(lines * kTags);
  refilter();
  for (std::size_t slot = 0; slot < old.slots_.size(); ++slot)
    if (const Hash hash = old.hash_at(slot); tag_of(hash) != kFree) place(hash, old.slots_[slot].value());
  used_ = old.used_;
}

}  // namespace beacon_gateway
