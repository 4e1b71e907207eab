// Hash of a code -> values, several for one hash if need be: where the live codes of rotating identities are found.
//
// Eight octets an entry: a hash of 32 bits and a value. Unlike the fingerprints of fingerprint_table.hpp these are too
// short to be believed: of n entries, one stranger in 2^32 / n meets one that is not hers (with three million, one in
// 1 400), and so do two shoppers' codes. Whoever asks must check what is found against the code itself.
//
// Open addressing with linear probing over lines of a processor's cache: the lower half of 31 hashes, their tags, and
// 16 bits that say which hashes of this home or an earlier one had to pass on (as the overflow counts of Meta's F14,
// "Open-sourcing F14 for faster, more memory-efficient hash tables", 2019): a miss takes one line. The other halves
// and the values stand in an array of their own, which only hits touch.
//
// Before the lines stands the filter of table_filter.hpp: that of the three million live codes of a million identities
// is 1.3 MB where the lines are 7.
//
// Belongs to one thread.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "core/identity/fingerprint.hpp"
#include "core/identity/large_pages.hpp"
#include "core/identity/table_filter.hpp"

namespace beacon_gateway {

// A code's hash: keyed, of its first 8 octets, and made for speed, as it is not to be believed anyhow. Multiplied twice
// by secret odd numbers (after Dietzfelbinger's multiply-shift, 1997).
class CodeHasher {
 public:
  static constexpr std::size_t kOctets = 8;

  explicit CodeHasher(const Fingerprinter& secret)
      : mask_(secret(0, {})), factors_{secret(1, {}) | 1U, secret(2, {}) | 1U} {}

  // Of at least 8 octets.
  [[nodiscard]] std::uint32_t operator()(std::span<const std::uint8_t> code) const noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, code.data(), kOctets);
    word = (word ^ mask_) * factors_[0];
    return static_cast<std::uint32_t>((word ^ word >> 32U) * factors_[1] >> 32U);
  }

 private:
  std::uint64_t mask_;
  std::array<std::uint64_t, 2> factors_;
};

class CodeTable {
 public:
  using Hash = std::uint32_t;
  using Value = std::uint32_t;

  void insert(Hash hash, Value value);
  // One of the entries that are equal to this; false: there is none.
  bool erase(Hash hash, Value value);
  void clear() { *this = {}; }
  // Lets go of the room that is left after a growth. The next insertion may take some again.
  void shrink_to_fit();

  // Every value of the hash, in no order. The visitor does not change the table.
  template <class Visit>
  void for_each(Hash hash, Visit visit) const {
    find(normal(hash), [&](std::size_t slot) { visit(slots_[slot].value()); });
  }

  // Asks the memory for what a search will read first, to be called while there is other work to do. Always inlined, as
  // g++ takes a function that does no more for one that does nothing.
  [[gnu::always_inline]] void expect(Hash hash) const {
    if (lines_.empty()) return;
    filter_.expect(normal(hash));
    __builtin_prefetch(&lines_[home(normal(hash))]);
  }

  [[nodiscard]] std::size_t size() const { return used_; }
  [[nodiscard]] std::size_t memory() const {
    return lines_.capacity() * sizeof(Line) + slots_.capacity() * sizeof(Slot) + filter_.memory();
  }

 private:
  using Word = std::uint64_t;
  using Tag = std::uint16_t;
  static constexpr std::size_t kTags = 31;  // of a line
  static constexpr Tag kFree = 0;
  static constexpr unsigned kTagBits = 16;
  static constexpr std::size_t kTagsPerWord = sizeof(Word) / sizeof(Tag);

  // One bit set for each tag that is meant, the highest of its sixteen.
  static constexpr Word kOnes = 0x0001000100010001;
  static constexpr Word kLow15 = 0x7FFF7FFF7FFF7FFF;

  struct alignas(64) Line {
    std::array<Word, (kTags + 1) / kTagsPerWord> words{};  // the tags, the first one lowest, and what passed on

    [[nodiscard]] Tag at(std::size_t place) const {
      return static_cast<Tag>(words[place / kTagsPerWord] >> kTagBits * (place % kTagsPerWord));
    }
    void set(std::size_t place, Tag tag) {
      words[place / kTagsPerWord] ^= static_cast<Word>(at(place) ^ tag) << kTagBits * (place % kTagsPerWord);
    }
    [[nodiscard]] Tag passed() const { return at(kTags); }
    void set_passed(Tag bits) { set(kTags, bits); }

    // The places that hold the tag. A sum carries into the highest bit of each tag that differs.
    template <class Visit>
    void for_each(Tag tag, Visit visit) const {
      for (std::size_t i = 0; i < words.size(); ++i) {
        const Word differs = words[i] ^ kOnes * tag;
        Word equal = ~(((differs & kLow15) + kLow15) | differs | kLow15);
        if (i + 1 == words.size()) equal &= ~Word{0} >> kTagBits;
        for (; equal != 0; equal &= equal - 1)
          visit(i * kTagsPerWord + static_cast<std::size_t>(std::countr_zero(equal)) / kTagBits);
      }
    }
  };
  static_assert(sizeof(Line) == 64);

  // The upper half of the hash, and the value: in pieces, so that none is lost to alignment.
  struct Slot {
    std::uint16_t upper = 0;
    std::array<std::uint16_t, 2> value_halves{};

    Slot() = default;
    Slot(Hash hash, Value value)
        : upper(static_cast<std::uint16_t>(hash >> 16U)),
          value_halves{static_cast<std::uint16_t>(value), static_cast<std::uint16_t>(value >> 16U)} {}
    [[nodiscard]] Value value() const { return Value{value_halves[1]} << 16U | value_halves[0]; }
  };
  static_assert(sizeof(Slot) == 6);

  // As the tag nought means free, hashes that end in 0 and in 1 are one.
  [[nodiscard]] static Hash normal(Hash hash) { return tag_of(hash) == kFree ? hash | 1U : hash; }
  [[nodiscard]] static Tag tag_of(Hash hash) { return static_cast<Tag>(hash); }
  // Of the bits that the home does not depend on, as those of the filter.
  [[nodiscard]] static Tag passed_bit(Hash hash) { return static_cast<Tag>(1U << (hash >> 12U) % kTagBits); }

  // Calls `visit` with the number of each slot that holds the hash, which is normal.
  template <class Visit>
  void find(Hash hash, Visit visit) const {
    if (lines_.empty()) return;
    std::size_t line = home(hash);
    __builtin_prefetch(&lines_[line]);  // beside the filter's word, not after it
    if (!filter_.may_hold(hash, hash)) return;
    for (std::size_t looked_at = 0; looked_at < lines_.size(); ++looked_at, line = after(line)) {
      lines_[line].for_each(tag_of(hash), [&](std::size_t place) {
        const std::size_t slot = line * kTags + place;
        if (slots_[slot].upper == hash >> 16U) visit(slot);
      });
      if ((lines_[line].passed() & passed_bit(hash)) == 0) return;
    }
  }

  [[nodiscard]] Hash hash_at(std::size_t slot) const {
    return Hash{slots_[slot].upper} << 16U | lines_[slot / kTags].at(slot % kTags);
  }
  // The hash spread over the lines (Lemire, "Fast random integer generation in an interval", 2019), so that their
  // number need not be a power of two.
  [[nodiscard]] std::size_t home(Hash hash) const { return std::uint64_t{hash} * lines_.size() >> 32U; }
  [[nodiscard]] std::size_t after(std::size_t line) const { return line + 1 == lines_.size() ? 0 : line + 1; }
  [[nodiscard]] std::size_t distance(std::size_t from, std::size_t to) const {
    return to >= from ? to - from : to + lines_.size() - from;
  }
  void place(Hash hash, Value value);
  void tell_passed_anew(std::size_t line);
  void refilter();
  void resize(std::size_t lines);

  template <class T>
  using Array = std::vector<T, LargePageAllocator<T>>;

  Array<Line> lines_;
  Array<Slot> slots_;
  TableFilter filter_;
  std::size_t used_ = 0;
};

}  // namespace beacon_gateway
