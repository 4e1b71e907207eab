// Fingerprint -> values, several for one fingerprint if need be: where lasting identifiers are found. A fingerprint
// stands for its identifier: there is nothing else to check it against.
//
// Open addressing with linear probing over groups of 16 slots of 12 octets, at most nine in ten of them used. One octet
// of each fingerprint, its mark, stands in an array of its own, as in "Swiss tables" (Kulukundis, "Designing a fast,
// efficient, cache-friendly hash table, step by step", CppCon 2017).
//
// Before the marks stands the filter of table_filter.hpp: that of a million identifiers is 0.4 MB where their marks are
// 1.1.
//
// Belongs to one thread. Values are below kNone.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "core/identity/fingerprint.hpp"
#include "core/identity/large_pages.hpp"
#include "core/identity/table_filter.hpp"

namespace beacon_gateway {

class FingerprintTable {
 public:
  using Value = std::uint32_t;
  static constexpr Value kNone = 0xFFFFFFFF;

  void insert(Fingerprint fingerprint, Value value);
  // One of the entries that are equal to this; false: there is none.
  bool erase(Fingerprint fingerprint, Value value);
  void clear() { *this = {}; }
  // Makes room for so many entries at once, sparing the growth in between.
  void reserve(std::size_t entries);
  // Lets go of the room that is left after a growth. The next insertion may take some again.
  void shrink_to_fit();

  // Every value of the fingerprint, in no order.
  template <class Visit>
  void for_each(Fingerprint fingerprint, Visit visit) const {
    find(fingerprint, [&](std::size_t slot) { visit(slots_[slot].value()); });
  }

  [[nodiscard]] std::size_t size() const { return used_; }
  [[nodiscard]] std::size_t memory() const {
    return marks_.capacity() * sizeof(Marks) + slots_.capacity() * sizeof(Slot) + filter_.memory();
  }

 private:
  static constexpr std::size_t kGroup = 16;
  static constexpr std::uint8_t kFree = 0;

  // One bit set for each octet that is meant, the highest of its eight.
  using Bits = std::uint64_t;
  static constexpr Bits kOnes = 0x0101010101010101;
  static constexpr Bits kLow7 = 0x7F7F7F7F7F7F7F7F;
  static_assert(std::endian::native == std::endian::little, "the first octet of a word is its lowest");

  struct alignas(kGroup) Marks {
    std::array<std::uint64_t, kGroup / sizeof(Bits)> words{};

    // The octets of a word that are `mark`: a sum carries into the highest bit of each octet that is not 0.
    [[nodiscard]] static Bits equal(std::uint64_t word, std::uint8_t mark) {
      const std::uint64_t differs = word ^ kOnes * mark;
      return ~(((differs & kLow7) + kLow7) | differs | kLow7);
    }
    [[nodiscard]] bool full() const { return (equal(words[0], kFree) | equal(words[1], kFree)) == 0; }
    [[nodiscard]] std::uint8_t at(std::size_t place) const {
      return static_cast<std::uint8_t>(words[place / sizeof(Bits)] >> 8 * (place % sizeof(Bits)));
    }
    void set(std::size_t place, std::uint8_t mark) {
      words[place / sizeof(Bits)] ^= std::uint64_t{static_cast<std::uint8_t>(at(place) ^ mark)}
                                     << 8 * (place % sizeof(Bits));
    }
  };

  // The fingerprint but for its mark, and the value: octets, so that none is lost to alignment.
  struct Slot {
    std::array<std::uint8_t, sizeof(Fingerprint) - 1 + sizeof(Value)> octets{};

    Slot() = default;
    Slot(Fingerprint fingerprint, Value value) {
      const Fingerprint rest = fingerprint >> 8U;
      std::memcpy(octets.data(), &rest, sizeof rest - 1);
      std::memcpy(octets.data() + sizeof rest - 1, &value, sizeof value);
    }
    [[nodiscard]] Fingerprint rest() const {
      Fingerprint rest = 0;
      std::memcpy(&rest, octets.data(), sizeof rest - 1);
      return rest;
    }
    [[nodiscard]] Value value() const {
      Value value = 0;
      std::memcpy(&value, octets.data() + sizeof(Fingerprint) - 1, sizeof value);
      return value;
    }
  };
  static_assert(sizeof(Slot) == 11);

  // The lowest octet; as nought means free, fingerprints that end in 0 and in 1 are one.
  [[nodiscard]] static std::uint8_t mark_of(Fingerprint fingerprint) {
    const auto lowest = static_cast<std::uint8_t>(fingerprint);
    return lowest == kFree ? kFree + 1 : lowest;
  }

  // Calls `visit` with the number of each slot that holds the fingerprint.
  template <class Visit>
  void find(Fingerprint fingerprint, Visit visit) const {
    if (marks_.empty() || !may_hold(fingerprint)) return;
    for (std::size_t group = home(fingerprint);; group = after(group)) {
      const Marks& marks = marks_[group];
      for (std::size_t word = 0; word < marks.words.size(); ++word)
        for (Bits bits = Marks::equal(marks.words[word], mark_of(fingerprint)); bits != 0; bits &= bits - 1) {
          const std::size_t slot =
              group * kGroup + word * sizeof(Bits) + static_cast<std::size_t>(std::countr_zero(bits)) / 8;
          if (slots_[slot].rest() == fingerprint >> 8U) visit(slot);
        }
      if (!marks.full()) return;
    }
  }

  // The upper half of the fingerprint spread over the groups (Lemire, "Fast random integer generation in an interval",
  // 2019), so that their number need not be a power of two.
  [[nodiscard]] std::size_t home(Fingerprint fingerprint) const { return (fingerprint >> 32U) * marks_.size() >> 32U; }
  [[nodiscard]] std::size_t home_of(std::size_t slot) const { return home(slots_[slot].rest() << 8U); }
  [[nodiscard]] std::size_t after(std::size_t group) const { return group + 1 == marks_.size() ? 0 : group + 1; }
  [[nodiscard]] std::size_t distance(std::size_t from, std::size_t to) const {
    return to >= from ? to - from : to + marks_.size() - from;
  }
  // By the same half of the fingerprint as its home; the bits by what is left of it but for the mark.
  void mark_in_filter(Fingerprint fingerprint) {
    filter_.add(static_cast<std::uint32_t>(fingerprint >> 32U), static_cast<std::uint32_t>(fingerprint >> 8U));
  }
  [[nodiscard]] bool may_hold(Fingerprint fingerprint) const {
    return filter_.may_hold(static_cast<std::uint32_t>(fingerprint >> 32U),
                            static_cast<std::uint32_t>(fingerprint >> 8U));
  }
  void refilter();
  void place(std::uint8_t mark, const Slot& slot);
  void take_out(std::size_t hole);
  [[nodiscard]] std::optional<std::size_t> that_passed(std::size_t over, std::size_t group) const;
  void resize(std::size_t groups);

  template <class T>
  using Array = std::vector<T, LargePageAllocator<T>>;

  Array<Marks> marks_;
  Array<Slot> slots_;
  TableFilter filter_;
  std::size_t used_ = 0;
};

}  // namespace beacon_gateway
