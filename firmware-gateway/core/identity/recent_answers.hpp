// What was found out lately, by fingerprint, each for a while: bounded, and it forgets. So a repeat costs one look at
// one cache line, and strangers cost memory that was there from the start.
//
// Sets of four entries, each set one cache line; where a set is full, the entry that ends first makes room.
// Belongs to one thread. Times are seconds since 1970, before 2106.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/identity/fingerprint.hpp"

namespace beacon_gateway {

class RecentAnswers {
 public:
  // `entries` is rounded up to a power of two.
  explicit RecentAnswers(std::size_t entries) : sets_(std::bit_ceil(entries) / kWays) {}

  [[nodiscard]] std::optional<std::uint32_t> find(Fingerprint fingerprint, std::uint32_t now) const {
    for (const Entry& entry : set_of(fingerprint).entries)
      if (entry.fingerprint == fingerprint && remaining(entry, now) > 0) return entry.answer;
    return std::nullopt;
  }

  // Until, not including, the second `until`.
  void remember(Fingerprint fingerprint, std::uint32_t answer, std::uint32_t now, std::uint32_t until) {
    Entry* victim = nullptr;
    for (Entry& entry : set_of(fingerprint).entries) {
      if (entry.fingerprint == fingerprint) {
        victim = &entry;
        break;
      }
      if (victim == nullptr || remaining(entry, now) < remaining(*victim, now)) victim = &entry;
    }
    *victim = {fingerprint, answer, until};
  }

  void clear() { sets_.assign(sets_.size(), {}); }
  [[nodiscard]] std::size_t memory() const { return sets_.capacity() * sizeof(Set); }

 private:
  static constexpr std::size_t kWays = 4;
  // Longer than anything is remembered: what seems to end later has ended, and the seconds' count wrapped or stepped.
  static constexpr std::uint32_t kLongest = 1U << 24U;

  struct Entry {
    Fingerprint fingerprint = 0;
    std::uint32_t answer = 0;
    std::uint32_t until = 0;
  };
  struct alignas(64) Set {
    std::array<Entry, kWays> entries{};
  };

  [[nodiscard]] static std::uint32_t remaining(const Entry& entry, std::uint32_t now) {
    const std::uint32_t left = entry.until - now;
    return left > kLongest ? 0 : left;
  }
  [[nodiscard]] const Set& set_of(Fingerprint fingerprint) const { return sets_[fingerprint & (sets_.size() - 1)]; }
  [[nodiscard]] Set& set_of(Fingerprint fingerprint) { return sets_[fingerprint & (sets_.size() - 1)]; }

  std::vector<Set> sets_;
};

}  // namespace beacon_gateway
