// The scan by AES instructions, in vectors of one or more blocks; irk_scan_hardware.cpp includes this once for each
// instruction set, in a namespace of its own, after it has defined there
//   BEACON_GATEWAY_AES         the attribute that allows a function these instructions
//   Vector                     the processor's type, of any number of 16-octet blocks
//   load(octets)               a vector from any address
//   low32, high32, low64, high64   interleave the lower or upper halves of two blocks by words of 32 or 64 bits
//   substituted(block)         SubWord(RotWord()) of each word of a block
//   round(block, key)          MixColumns(ShiftRows(SubBytes(block))) ^ key
//   last_round(block, key)     ShiftRows(SubBytes(block)) ^ key
// Hence no `#pragma once`.
//
// A group is four vectors of keys. They stand side by side word by word while the schedule is made, so that each step
// of it serves as many keys as a vector has words; four unpacked vectors make the round keys of it.

constexpr std::size_t kBlocks = sizeof(Vector) / sizeof(Block);
constexpr std::size_t kGroup = 4 * kBlocks;  // keys
using Words [[gnu::vector_size(sizeof(Vector))]] = std::uint32_t;

struct Lanes {
  Vector v[4];
};
struct Schedule {
  Lanes round[kAesRounds + 1];
};

// Within each block: four blocks <-> their first words, their second, their third, their fourth words.
BEACON_GATEWAY_AES inline Lanes transposed(const Lanes& in) {
  const Vector low01 = low32(in.v[0], in.v[1]);
  const Vector low23 = low32(in.v[2], in.v[3]);
  const Vector high01 = high32(in.v[0], in.v[1]);
  const Vector high23 = high32(in.v[2], in.v[3]);
  return {{low64(low01, low23), high64(low01, low23), low64(high01, high23), high64(high01, high23)}};
}

// KeyExpansion (FIPS 197, 5.2) of a group. Vector j of a round holds keys kBlocks * j and on.
BEACON_GATEWAY_AES inline void expand(const Key128* keys, Schedule& schedule) {
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i) schedule.round[0].v[i] = load(keys + kBlocks * i);
  Lanes words = transposed(schedule.round[0]);
  for (std::size_t number = 1; number <= kAesRounds; ++number) {
    words.v[0] ^= substituted(words.v[3]) ^ __builtin_bit_cast(Vector, Words{} + kRoundConstants[number - 1]);
    words.v[1] ^= words.v[0];
    words.v[2] ^= words.v[1];
    words.v[3] ^= words.v[2];
    schedule.round[number] = transposed(words);
  }
}

// Word 3 of each key's cipher of the padded prand; word j of block b is that of key kBlocks * j + b.
BEACON_GATEWAY_AES inline Words last_words(const Schedule& schedule, std::uint32_t prand) {
  Words plain{};
  for (std::size_t block = 0; block < kBlocks; ++block) plain[4 * block + 3] = last_word(prand);
  Lanes s = schedule.round[0];
#pragma GCC unroll 4
  for (Vector& state : s.v) state ^= __builtin_bit_cast(Vector, plain);
  for (std::size_t number = 1; number < kAesRounds; ++number) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) s.v[i] = round(s.v[i], schedule.round[number].v[i]);
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i) s.v[i] = last_round(s.v[i], schedule.round[kAesRounds].v[i]);
  return __builtin_bit_cast(Words, transposed(s).v[3]);
}

// Tries the first `count` keys of a group.
BEACON_GATEWAY_AES inline void try_group(const Key128* keys, std::size_t count, std::size_t first_place,
                                         std::span<const ResolvableAddress> addresses, std::span<IrkMatches> matches) {
  Schedule schedule;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled at once
  expand(keys, schedule);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto hits = (last_words(schedule, addresses[i].prand) & last_word(0xFFFFFF)) == last_word(addresses[i].hash);
    std::uint64_t any = 0;
    for (const std::uint64_t half : __builtin_bit_cast(std::array<std::uint64_t, sizeof(Vector) / 8>, hits))
      any |= half;
    if (any == 0) [[likely]]
      continue;
    for (std::size_t key = 0; key < count; ++key)
      if (hits[4 * (key % kBlocks) + key / kBlocks] != 0) matches[i].add(first_place + key);
  }
}

BEACON_GATEWAY_AES void scan(std::span<const Key128> keys, std::span<const ResolvableAddress> addresses,
                             std::span<IrkMatches> matches, std::size_t first_place) {
  assert(addresses.size() == matches.size());
  const std::size_t grouped = keys.size() - keys.size() % kGroup;
  for (std::size_t k = 0; k < grouped; k += kGroup) {
    __builtin_prefetch(&keys[std::min(k + kPrefetchAhead, keys.size() - 1)]);
    try_group(&keys[k], kGroup, first_place + k, addresses, matches);
  }
  if (const auto rest = keys.subspan(grouped); !rest.empty()) {
    std::array<Key128, kGroup> filled{};
    std::memcpy(filled.data(), rest.data(), rest.size_bytes());
    try_group(filled.data(), rest.size(), first_place + grouped, addresses, matches);
  }
}
