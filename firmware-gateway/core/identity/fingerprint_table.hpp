// Fingerprint -> values, several for one fingerprint if need be: the one table behind every lookup of an identity.
//
// Open addressing with linear probing over one array of 12 octets a slot, at most seven tenths full: a miss looks at
// six neighbouring slots on average (Knuth, TAOCP 6.4), which is one or two cache lines, whatever the number of
// entries. Belongs to one thread. Values are below kNone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/identity/fingerprint.hpp"

namespace beacon_gateway {

class FingerprintTable {
 public:
  using Value = std::uint32_t;
  static constexpr Value kNone = 0xFFFFFFFF;

  void insert(Fingerprint fingerprint, Value value);
  // One of the entries that are equal to this, if there is one.
  void erase(Fingerprint fingerprint, Value value);
  void clear() { *this = {}; }
  // Makes room for so many entries at once, sparing the growth in between.
  void reserve(std::size_t entries);

  // Every value of the fingerprint, in no order.
  template <class Visit>
  void for_each(Fingerprint fingerprint, Visit visit) const {
    if (slots_.empty()) return;
    for (std::size_t at = home(fingerprint); slots_[at].value != kNone; at = after(at))
      if (slots_[at].fingerprint() == fingerprint) visit(slots_[at].value);
  }

  [[nodiscard]] std::size_t size() const { return used_; }
  [[nodiscard]] std::size_t memory() const { return slots_.capacity() * sizeof(Slot); }

 private:
  // Two halves, so that no octet is lost to alignment.
  struct Slot {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    Value value = kNone;

    [[nodiscard]] Fingerprint fingerprint() const { return Fingerprint{high} << 32U | low; }
  };
  static_assert(sizeof(Slot) == 12);

  // The upper half of the fingerprint spread over the array (Lemire, "Fast random integer generation in an interval",
  // 2019), so that its size need not be a power of two.
  [[nodiscard]] std::size_t home(Fingerprint fingerprint) const { return (fingerprint >> 32U) * slots_.size() >> 32U; }
  [[nodiscard]] std::size_t after(std::size_t at) const { return at + 1 == slots_.size() ? 0 : at + 1; }
  void place(const Slot& slot);
  void take_out(std::size_t hole);
  void resize(std::size_t slots);

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace beacon_gateway
