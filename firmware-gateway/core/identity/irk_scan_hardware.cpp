// The scan by the processor's AES instructions: on x86-64 with VAES two blocks an instruction (since Ice Lake, Alder
// Lake-N and Zen 3) or with AES-NI one (nearly all others), on 64-bit ARM with the cryptography extension one.
// `aeskeygenassist` is slow, so the last round's instruction does the key schedule's substitution too.
#include <algorithm>
#include <cassert>
#include <cstring>

#include "core/identity/aes.hpp"
#include "core/identity/irk_scan.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#include <sys/auxv.h>
#endif

namespace beacon_gateway {
namespace {

constexpr std::size_t kAesRounds = 10;
constexpr std::array<std::uint32_t, kAesRounds> kRoundConstants{1, 2, 4, 8, 16, 32, 64, 128, 0x1B, 0x36};

// Keys beyond the cache are asked for 2 KiB early; else each line of a million keys is waited for (measured: 1.6 times
// the time with AES-NI).
constexpr std::size_t kPrefetchAhead = 128;

// RotWord of each word, and what ShiftRows will undo: ShiftRows puts octet 4(c + r) + r (modulo 16) at 4c + r.
alignas(16) constexpr Block kRotatedWords{1, 14, 11, 4, 5, 2, 15, 8, 9, 6, 3, 12, 13, 10, 7, 0};

// 24 bits as the last three octets of a block stand in its little-endian word 3.
constexpr std::uint32_t last_word(std::uint32_t number) {
  return __builtin_bswap32(number);
}

#if defined(__x86_64__)

namespace vaes {
#define BEACON_GATEWAY_AES [[gnu::target("vaes,avx2")]]
using Vector = __m256i;
BEACON_GATEWAY_AES inline Vector load(const void* octets) {
  return _mm256_loadu_si256(static_cast<const Vector*>(octets));
}
BEACON_GATEWAY_AES inline Vector low32(Vector a, Vector b) {
  return _mm256_unpacklo_epi32(a, b);
}
BEACON_GATEWAY_AES inline Vector high32(Vector a, Vector b) {
  return _mm256_unpackhi_epi32(a, b);
}
BEACON_GATEWAY_AES inline Vector low64(Vector a, Vector b) {
  return _mm256_unpacklo_epi64(a, b);
}
BEACON_GATEWAY_AES inline Vector high64(Vector a, Vector b) {
  return _mm256_unpackhi_epi64(a, b);
}
BEACON_GATEWAY_AES inline Vector round(Vector block, Vector key) {
  return _mm256_aesenc_epi128(block, key);
}
BEACON_GATEWAY_AES inline Vector last_round(Vector block, Vector key) {
  return _mm256_aesenclast_epi128(block, key);
}
BEACON_GATEWAY_AES inline Vector substituted(Vector words) {
  const auto places = _mm_load_si128(reinterpret_cast<const __m128i*>(kRotatedWords.data()));
  return last_round(_mm256_shuffle_epi8(words, _mm256_broadcastsi128_si256(places)), Vector{});
}
#include "core/identity/irk_scan_kernel.hpp"
#undef BEACON_GATEWAY_AES
}  // namespace vaes

namespace aes_ni {
#define BEACON_GATEWAY_AES [[gnu::target("aes,ssse3")]]
using Vector = __m128i;
BEACON_GATEWAY_AES inline Vector load(const void* octets) {
  return _mm_loadu_si128(static_cast<const Vector*>(octets));
}
BEACON_GATEWAY_AES inline Vector low32(Vector a, Vector b) {
  return _mm_unpacklo_epi32(a, b);
}
BEACON_GATEWAY_AES inline Vector high32(Vector a, Vector b) {
  return _mm_unpackhi_epi32(a, b);
}
BEACON_GATEWAY_AES inline Vector low64(Vector a, Vector b) {
  return _mm_unpacklo_epi64(a, b);
}
BEACON_GATEWAY_AES inline Vector high64(Vector a, Vector b) {
  return _mm_unpackhi_epi64(a, b);
}
BEACON_GATEWAY_AES inline Vector round(Vector block, Vector key) {
  return _mm_aesenc_si128(block, key);
}
BEACON_GATEWAY_AES inline Vector last_round(Vector block, Vector key) {
  return _mm_aesenclast_si128(block, key);
}
BEACON_GATEWAY_AES inline Vector substituted(Vector words) {
  const auto places = _mm_load_si128(reinterpret_cast<const __m128i*>(kRotatedWords.data()));
  return last_round(_mm_shuffle_epi8(words, places), Vector{});
}
#include "core/identity/irk_scan_kernel.hpp"
#undef BEACON_GATEWAY_AES
}  // namespace aes_ni

#elif defined(__aarch64__)

namespace cryptography_extension {
#define BEACON_GATEWAY_AES [[gnu::target("+crypto")]]
using Vector = uint32x4_t;
BEACON_GATEWAY_AES inline Vector load(const void* octets) {
  return vreinterpretq_u32_u8(vld1q_u8(static_cast<const std::uint8_t*>(octets)));
}
BEACON_GATEWAY_AES inline Vector low32(Vector a, Vector b) {
  return vzip1q_u32(a, b);
}
BEACON_GATEWAY_AES inline Vector high32(Vector a, Vector b) {
  return vzip2q_u32(a, b);
}
BEACON_GATEWAY_AES inline Vector low64(Vector a, Vector b) {
  return vreinterpretq_u32_u64(vzip1q_u64(vreinterpretq_u64_u32(a), vreinterpretq_u64_u32(b)));
}
BEACON_GATEWAY_AES inline Vector high64(Vector a, Vector b) {
  return vreinterpretq_u32_u64(vzip2q_u64(vreinterpretq_u64_u32(a), vreinterpretq_u64_u32(b)));
}
BEACON_GATEWAY_AES inline Vector round(Vector block, Vector key) {
  const auto shifted = vaeseq_u8(vreinterpretq_u8_u32(block), vdupq_n_u8(0));
  return veorq_u32(vreinterpretq_u32_u8(vaesmcq_u8(shifted)), key);
}
BEACON_GATEWAY_AES inline Vector last_round(Vector block, Vector key) {
  return veorq_u32(vreinterpretq_u32_u8(vaeseq_u8(vreinterpretq_u8_u32(block), vdupq_n_u8(0))), key);
}
BEACON_GATEWAY_AES inline Vector substituted(Vector words) {
  const auto turned = vqtbl1q_u8(vreinterpretq_u8_u32(words), vld1q_u8(kRotatedWords.data()));
  return last_round(vreinterpretq_u32_u8(turned), Vector{});
}
#include "core/identity/irk_scan_kernel.hpp"
#undef BEACON_GATEWAY_AES
}  // namespace cryptography_extension

#endif

}  // namespace

std::vector<IrkScan*> hardware_irk_scans() {
  std::vector<IrkScan*> scans;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("vaes") && __builtin_cpu_supports("avx2")) scans.push_back(&vaes::scan);
  if (__builtin_cpu_supports("aes") && __builtin_cpu_supports("ssse3")) scans.push_back(&aes_ni::scan);
#elif defined(__aarch64__)
  if ((getauxval(AT_HWCAP) & HWCAP_AES) != 0) scans.push_back(&cryptography_extension::scan);
#endif
  return scans;
}

}  // namespace beacon_gateway
