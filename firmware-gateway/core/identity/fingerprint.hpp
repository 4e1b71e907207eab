// A keyed 64-bit fingerprint of octets: what the index holds instead of identifiers, and the caches instead of
// strangers. Without the key, which is drawn at each start and never stored, it leads back to nobody.
//
// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; the reduced rounds that hash tables of
// other languages use): nobody outside can choose octets that collide.
// A stranger has a fingerprint of ours with a probability of entries / 2^64: with four million entries and two thousand
// advertisements a second that were never heard before, once in 70 years.
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
    State state{key0_ ^ 0x736F6D6570736575ULL, key1_ ^ 0x646F72616E646F6DULL, key0_ ^ 0x6C7967656E657261ULL,
                key1_ ^ 0x7465646279746573ULL};
    const std::uint64_t length = octets.size();
    for (; octets.size() >= sizeof(std::uint64_t); octets = octets.subspan(sizeof(std::uint64_t)))
      state.take(word(octets.data(), sizeof(std::uint64_t)));
    state.take(word(octets.data(), octets.size()) | length << 56U);
    state.c ^= 0xFF;
    for (int i = 0; i < 3; ++i) state.round();
    return state.a ^ state.b ^ state.c ^ state.d;
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

  // In the machine's order: fingerprints never leave the process.
  [[nodiscard]] static std::uint64_t word(const std::uint8_t* from, std::size_t size) noexcept {
    std::uint64_t value = 0;
    if (size > 0) std::memcpy(&value, from, size);
    return value;
  }

  std::uint64_t key0_ = 0;
  std::uint64_t key1_ = 0;
};

}  // namespace beacon_gateway
