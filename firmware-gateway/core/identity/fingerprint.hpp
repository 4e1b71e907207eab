// A keyed 64-bit fingerprint of octets: what the index holds instead of identifiers, and the caches instead of
// strangers. Without the key, which is drawn at each start and never stored, it leads back to nobody.
//
// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; the reduced rounds that hash tables of
// other languages use): nobody outside can choose octets that collide.
// A stranger has a fingerprint of ours with a probability of entries / 2^64: with four million entries and two thousand
// advertisements a second that were never heard before, once in 70 years. Codes that can be checked against their key
// have shorter hashes (code_table.hpp).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

#include "core/profile.hpp"

namespace beacon_gateway {

using Fingerprint = std::uint64_t;

class Fingerprinter {
 public:
  explicit Fingerprinter(const Key128& secret) {
    std::memcpy(&key0_, secret.data(), sizeof key0_);
    std::memcpy(&key1_, secret.data() + sizeof key0_, sizeof key1_);
  }

  [[nodiscard]] Fingerprint operator()(std::span<const std::uint8_t> octets) const noexcept {
    return rest(start(), octets, octets.size());
  }
  // Of `head`, in the machine's order, and the octets behind it: spares putting them side by side.
  [[nodiscard]] Fingerprint operator()(std::uint64_t head, std::span<const std::uint8_t> octets) const noexcept {
    State state = start();
    state.take(head);
    return rest(state, octets, sizeof head + octets.size());
  }

 private:
  struct State {
    std::uint64_t a, b, c, d;

    void take(std::uint64_t word) noexcept {
      d ^= word;
      round();
      a ^= word;
    }
    void round() noexcept {
      a += b;
      c += d;
      b = std::rotl(b, 13) ^ a;
      d = std::rotl(d, 16) ^ c;
      a = std::rotl(a, 32);
      c += b;
      a += d;
      b = std::rotl(b, 17) ^ c;
      d = std::rotl(d, 21) ^ a;
      c = std::rotl(c, 32);
    }
  };

  [[nodiscard]] State start() const noexcept {
    return {key0_ ^ 0x736F6D6570736575ULL, key1_ ^ 0x646F72616E646F6DULL, key0_ ^ 0x6C7967656E657261ULL,
            key1_ ^ 0x7465646279746573ULL};
  }
  [[nodiscard]] static Fingerprint rest(State state, std::span<const std::uint8_t> octets,
                                        std::uint64_t length) noexcept {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    std::size_t at = 0;
    for (; at + kWord <= octets.size(); at += kWord) state.take(word(octets.data() + at));
    state.take(last_word(octets, at) | length << 56U);
    state.c ^= 0xFF;
    for (int i = 0; i < 3; ++i) state.round();
    return state.a ^ state.b ^ state.c ^ state.d;
  }

  [[nodiscard]] static std::uint64_t word(const std::uint8_t* from) noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  // What is left from `at` on, fewer than 8 octets. Where 8 can be read, they end with those: copying an unknown number
  // of octets costs more than all else here.
  [[nodiscard]] static std::uint64_t last_word(std::span<const std::uint8_t> octets, std::size_t at) noexcept {
    const std::size_t left = octets.size() - at;
    if (left > 0 && at > 0) return word(octets.data() + octets.size() - sizeof(std::uint64_t)) >> 8 * (8 - left);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < left; ++i) value |= std::uint64_t{octets[at + i]} << 8 * i;
    return value;
  }
  static_assert(std::endian::native == std::endian::little, "the first octet of a word is its lowest");

  std::uint64_t key0_ = 0;
  std::uint64_t key1_ = 0;
};

}  // namespace beacon_gateway
