// Which of many identity resolving keys (IRKs) may have made a resolvable private address. Nothing in an address says
// whose it is, so every key is tried: `ah` of Bluetooth Core 5.4, Vol 3 Part H, 2.2.2, once a key and address.
//
// Keys are packed, 16 octets each, and their schedules made anew in each scan: with a million keys that is quicker than
// reading 176 octets a key from memory. Several addresses in one scan share what can be shared.
// Pure, and no allocation; from any thread. Takes time in proportion to the keys: scan slices of a large number.
//
// The hash has 24 bits: of N keys, N / 2^24 match a stranger's address by chance (0.6 % at 100 000). Two matches mean
// nobody, and one alone is weak evidence among very many keys.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "core/identity/rotating_codes.hpp"
#include "core/profile.hpp"

namespace beacon_gateway {

// All matching keys are counted, and the first two named by their place: a second one already makes both worthless.
struct IrkMatches {
  std::size_t count = 0;
  std::array<std::size_t, 2> places{};  // ascending; min(count, 2) of them are valid

  void add(std::size_t place) {
    if (count < places.size()) places[count] = place;
    ++count;
  }
  friend bool operator==(const IrkMatches&, const IrkMatches&) = default;
};

// Adds to `matches[i]` the keys that may have made `addresses[i]`; both have one size. `first_place` is the place of
// `keys[0]`, so that slices of one large array add up to the same result as a single scan of it.
using IrkScan = void(std::span<const Key128> keys, std::span<const ResolvableAddress> addresses,
                     std::span<IrkMatches> matches, std::size_t first_place);

// By the processor's AES instructions: every way this machine has, the quickest first; none on a Raspberry Pi 4.
[[nodiscard]] std::vector<IrkScan*> hardware_irk_scans();

// By tables. Their cache lines tell of the keys to whoever can time this very machine's cache.
IrkScan portable_irk_scan;

// The quickest way that this machine has.
IrkScan scan_irks;

}  // namespace beacon_gateway
