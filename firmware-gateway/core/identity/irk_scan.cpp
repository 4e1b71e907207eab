#include "core/identity/irk_scan.hpp"

#include <bit>
#include <cassert>

namespace beacon_gateway {
namespace {

// FIPS 197 in 32-bit words, most significant octet first. Everything is made of the field's multiplication, so there is
// no table to mistype.

// Times x in GF(2^8), modulo x^8 + x^4 + x^3 + x + 1 (4.2.1).
constexpr std::uint8_t doubled(std::uint32_t octet) {
  return static_cast<std::uint8_t>(octet << 1U ^ (octet >> 7U) * 0x1BU);
}

// The substitution (5.1.1): the inverse in the field, then an affine map. Inverses by powers of the generator 3:
// 3^i times 3^(255 - i) is 1.
constexpr std::array<std::uint8_t, 256> make_substitution() {
  std::array<std::uint8_t, 256> powers{1};
  for (std::size_t i = 1; i < 256; ++i) powers[i] = static_cast<std::uint8_t>(powers[i - 1] ^ doubled(powers[i - 1]));
  std::array<std::uint8_t, 256> substitution{};
  const auto affine = [](std::uint8_t octet) {
    std::uint8_t sum = 0x63;
    for (int turn = 0; turn < 5; ++turn) sum ^= std::rotl(octet, turn);
    return sum;
  };
  substitution[0] = affine(0);
  for (std::size_t i = 0; i < 255; ++i) substitution[powers[i]] = affine(powers[255 - i]);
  return substitution;
}
constexpr auto kSubstitution = make_substitution();

// What an octet adds to its column in SubBytes and MixColumns: from row 0, {02} {01} {01} {03} times its substitute,
// and from each further row the same turned by one octet more.
constexpr std::array<std::uint32_t, 256> make_column_table(int row) {
  std::array<std::uint32_t, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::uint32_t once = kSubstitution[i];
    const std::uint32_t twice = doubled(kSubstitution[i]);
    table[i] = std::rotr(twice << 24U | once << 16U | once << 8U | (twice ^ once), 8 * row);
  }
  return table;
}
constexpr std::array kColumnTables{make_column_table(0), make_column_table(1), make_column_table(2),
                                   make_column_table(3)};

using Words = std::array<std::uint32_t, 4>;  // the columns of a block

template <unsigned kRow>
std::uint8_t octet(std::uint32_t word) {
  return static_cast<std::uint8_t>(word >> (24U - 8U * kRow));
}

std::uint32_t substituted(std::uint32_t word) {
  return static_cast<std::uint32_t>(kSubstitution[octet<0>(word)]) << 24U |
         static_cast<std::uint32_t>(kSubstitution[octet<1>(word)]) << 16U |
         static_cast<std::uint32_t>(kSubstitution[octet<2>(word)]) << 8U | kSubstitution[octet<3>(word)];
}

// One step of KeyExpansion (5.2): the next round's key, in place.
void advance_key(Words& key, std::uint32_t round_constant) {
  key[0] ^= substituted(std::rotl(key[3], 8)) ^ round_constant << 24U;
  key[1] ^= key[0];
  key[2] ^= key[1];
  key[3] ^= key[2];
}

// One column after SubBytes, ShiftRows and MixColumns: `a` to `d` are the columns its rows come from.
std::uint32_t column(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return kColumnTables[0][octet<0>(a)] ^ kColumnTables[1][octet<1>(b)] ^ kColumnTables[2][octet<2>(c)] ^
         kColumnTables[3][octet<3>(d)];
}

// `ah`, with the key schedule made on the way, so that its look-ups and those of the rounds fill each other's waits.
// Only the last three octets of the last round are worth computing.
std::uint32_t hash(Words key, std::uint32_t prand) {
  constexpr std::array<std::uint8_t, 9> kRoundConstants{0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1B};
  constexpr std::uint8_t kLastRoundConstant = 0x36;
  Words s = key;
  s[3] ^= prand;
  for (const std::uint8_t round_constant : kRoundConstants) {
    advance_key(key, round_constant);
    s = {column(s[0], s[1], s[2], s[3]) ^ key[0], column(s[1], s[2], s[3], s[0]) ^ key[1],
         column(s[2], s[3], s[0], s[1]) ^ key[2], column(s[3], s[0], s[1], s[2]) ^ key[3]};
  }
  advance_key(key, kLastRoundConstant);
  const auto last = static_cast<std::uint32_t>(kSubstitution[octet<1>(s[0])] << 16U |
                                               kSubstitution[octet<2>(s[1])] << 8U | kSubstitution[octet<3>(s[2])]);
  return last ^ (key[3] & 0xFFFFFFU);
}

Words words_of(const Key128& key) {
  Words words;
  for (std::size_t i = 0; i < words.size(); ++i)
    words[i] = static_cast<std::uint32_t>(key[4 * i]) << 24U | static_cast<std::uint32_t>(key[4 * i + 1]) << 16U |
               static_cast<std::uint32_t>(key[4 * i + 2]) << 8U | key[4 * i + 3];
  return words;
}

}  // namespace

void portable_irk_scan(std::span<const Key128> keys, std::span<const ResolvableAddress> addresses,
                       std::span<IrkMatches> matches, std::size_t first_place) {
  assert(addresses.size() == matches.size());
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const Words key = words_of(keys[k]);
    for (std::size_t i = 0; i < addresses.size(); ++i)
      if (hash(key, addresses[i].prand) == addresses[i].hash) matches[i].add(first_place + k);
  }
}

void scan_irks(std::span<const Key128> keys, std::span<const ResolvableAddress> addresses,
               std::span<IrkMatches> matches, std::size_t first_place) {
  static IrkScan* const quickest = [] {
    const auto hardware = hardware_irk_scans();
    return hardware.empty() ? &portable_irk_scan : hardware.front();
  }();
  quickest(keys, addresses, matches, first_place);
}

}  // namespace beacon_gateway
