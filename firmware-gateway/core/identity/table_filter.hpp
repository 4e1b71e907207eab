// What the two tables of identities have in common, fingerprint_table.hpp and code_table.hpp: how full they get, how
// they grow, and the filter that stands before each.
//
// A Bloom filter of two bits an entry, both in one word (Putze, Sanders and Singler, "Cache-, hash- and space-efficient
// Bloom filters", 2007). It sends four strangers in five away and is small enough for a processor's own cache (0.4 MB
// for a million entries), so that strangers cost about the same whatever the number of entries. Bits of erased entries
// stay until a quarter as many have been erased as there are; then its table makes it anew.
//
// Belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/identity/large_pages.hpp"

namespace beacon_gateway {

// At most nine slots in ten are used: fuller saves little and soon makes longer whatever passes the filter.
inline constexpr std::size_t kLoadNumerator = 9;
inline constexpr std::size_t kLoadDenominator = 10;
// Grown by a quarter: on average an eighth more room than is needed.
inline constexpr std::size_t kGrowth = 4;

[[nodiscard]] constexpr bool overfull(std::size_t entries, std::size_t slots) {
  return entries * kLoadDenominator > slots * kLoadNumerator;
}
// Of `size` slots each.
[[nodiscard]] constexpr std::size_t groups_for(std::size_t entries, std::size_t size) {
  return entries * kLoadDenominator / kLoadNumerator / size + 1;
}
// What to make room for when one more does not fit.
[[nodiscard]] constexpr std::size_t grown(std::size_t entries) {
  return entries + entries / kGrowth + 1;
}

class TableFilter {
 public:
  // Of a table of so many slots, with nothing in it.
  void begin(std::size_t slots) {
    words_.assign(slots * kBitsPerSlot / kWordBits + 1, 0);
    erased_ = 0;
  }
  // `spread` is what the entry's home in the table follows from, so that the filter is made anew from one end to the
  // other; of `bits` the lowest twelve count.
  void add(std::uint32_t spread, std::uint32_t bits) { words_[word(spread)] |= mask(bits); }
  [[nodiscard]] bool may_hold(std::uint32_t spread, std::uint32_t bits) const {
    return (words_[word(spread)] & mask(bits)) == mask(bits);
  }
  // One was erased, and so many are left. True: the filter is to be made anew.
  [[nodiscard]] bool erased(std::size_t left) { return ++erased_ * kStalePart > left; }

  // Asks the memory for what `may_hold` will read.
  [[gnu::always_inline]] void expect(std::uint32_t spread) const { __builtin_prefetch(&words_[word(spread)]); }
  [[nodiscard]] std::size_t memory() const { return words_.capacity() * sizeof(Word); }

 private:
  using Word = std::uint64_t;
  static constexpr std::size_t kWordBits = 64;
  // A stranger passes the filter of a full table in one case of five. Four bits would make that one of eight, but
  // outgrow the cache where it matters: measured, three and two are the quickest at a million identities.
  static constexpr std::size_t kBitsPerSlot = 3;
  // With a quarter of the entries' bits stale, one stranger in four passes.
  static constexpr std::size_t kStalePart = 4;

  // Lemire, "Fast random integer generation in an interval", 2019: the number of words need not be a power of two.
  [[nodiscard]] std::size_t word(std::uint32_t spread) const { return std::uint64_t{spread} * words_.size() >> 32U; }
  [[nodiscard]] static Word mask(std::uint32_t bits) {
    return Word{1} << bits % kWordBits | Word{1} << (bits >> 6U) % kWordBits;
  }

  std::vector<Word, LargePageAllocator<Word>> words_;
  std::size_t erased_ = 0;  // since `begin`
};

}  // namespace beacon_gateway
