#include "core/identity/fingerprint_table.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

std::vector<FingerprintTable::Value> values(const FingerprintTable& table, Fingerprint fingerprint) {
  std::vector<FingerprintTable::Value> result;
  table.for_each(fingerprint, [&](FingerprintTable::Value value) { result.push_back(value); });
  std::ranges::sort(result);
  return result;
}

}  // namespace

TEST_CASE("the table answers as a multimap does, through any insertions and removals") {
  REQUIRE(rc::check([](const std::vector<std::pair<bool, std::uint8_t>>& steps) {
    FingerprintTable table;
    std::multimap<Fingerprint, FingerprintTable::Value> model;
    for (const auto& [adds, seed] : steps) {
      // Few fingerprints, all at home near the end of the array: long runs that wrap around.
      const Fingerprint fingerprint = ~Fingerprint{0} - seed % 12U;
      const FingerprintTable::Value value = seed / 12U % 3U;
      if (adds) {
        table.insert(fingerprint, value);
        model.emplace(fingerprint, value);
      } else {
        table.erase(fingerprint, value);
        const auto [from, to] = model.equal_range(fingerprint);
        const auto one = std::find_if(from, to, [&](const auto& entry) { return entry.second == value; });
        if (one != to) model.erase(one);
      }
      RC_ASSERT(table.size() == model.size());
    }
    for (Fingerprint i = 0; i < 12; ++i) {
      const Fingerprint fingerprint = ~Fingerprint{0} - i;
      std::vector<FingerprintTable::Value> expected;
      const auto [from, to] = model.equal_range(fingerprint);
      std::transform(from, to, std::back_inserter(expected), [](const auto& entry) { return entry.second; });
      std::ranges::sort(expected);
      RC_ASSERT(values(table, fingerprint) == expected);
    }
  }));
}

TEST_CASE("an empty table knows nothing and forgives a removal") {
  FingerprintTable table;
  table.erase(1, 1);
  CHECK(values(table, 1).empty());
  CHECK(table.size() == 0);
}

TEST_CASE("ten thousand entries are all found again, in at most thirty octets each") {
  FingerprintTable table;
  const Fingerprinter fingerprinter{Key128{1}};
  const auto fingerprint_of = [&](std::uint32_t number) {
    return fingerprinter({reinterpret_cast<const std::uint8_t*>(&number), sizeof number});
  };
  constexpr std::uint32_t kEntries = 10'000;
  for (std::uint32_t i = 0; i < kEntries; ++i) table.insert(fingerprint_of(i), i);
  for (std::uint32_t i = 0; i < kEntries; ++i) REQUIRE(values(table, fingerprint_of(i)) == std::vector{i});
  CHECK(values(table, fingerprint_of(kEntries)).empty());
  CHECK(table.memory() < kEntries * 30);
}

TEST_CASE("room that is left over is given back, and all entries are still found, in at most fifteen octets each") {
  FingerprintTable table;
  const Fingerprinter fingerprinter{Key128{1}};
  constexpr std::uint32_t kEntries = 10'000;
  for (std::uint32_t i = 0; i < kEntries; ++i) table.insert(fingerprinter(i, {}), i);
  for (std::uint32_t i = kEntries / 2; i < kEntries; ++i) table.erase(fingerprinter(i, {}), i);
  table.shrink_to_fit();
  CHECK(table.memory() < kEntries / 2 * 15);
  for (std::uint32_t i = 0; i < kEntries / 2; ++i) REQUIRE(values(table, fingerprinter(i, {})) == std::vector{i});
  CHECK(values(table, fingerprinter(kEntries - 1, {})).empty());
  table.insert(fingerprinter(kEntries, {}), 7);
  CHECK(values(table, fingerprinter(kEntries, {})) == std::vector{7U});
  table.clear();
  table.shrink_to_fit();
  CHECK(table.memory() == 0);
}

TEST_CASE("fingerprints that differ in one bit are told apart, but for the last of one that ends in nought") {
  const Fingerprint fingerprint = GENERATE(Fingerprint{0x0123456789ABCDEF}, Fingerprint{0}, ~Fingerprint{0});
  FingerprintTable table;
  table.insert(fingerprint, 1);
  CHECK(values(table, fingerprint) == std::vector{1U});
  for (unsigned bit = fingerprint == 0 ? 1 : 0; bit < 64; ++bit)
    CHECK(values(table, fingerprint ^ Fingerprint{1} << bit).empty());
}

TEST_CASE("a fingerprint depends on every octet, on the length and on the key") {
  REQUIRE(rc::check([](std::vector<std::uint8_t> octets, std::uint8_t other) {
    const Fingerprinter ours{Key128{1, 2, 3}};
    const Fingerprint before = ours(octets);
    RC_ASSERT(ours(octets) == before);
    const Fingerprinter theirs{Key128{1, 2, 4}};
    RC_ASSERT(theirs(octets) != before);
    for (std::size_t i = 0; i < octets.size(); ++i) {
      octets[i] = static_cast<std::uint8_t>(octets[i] ^ 0x80U);
      RC_ASSERT(ours(octets) != before);
      octets[i] = static_cast<std::uint8_t>(octets[i] ^ 0x80U);
    }
    octets.push_back(other);
    RC_ASSERT(ours(octets) != before);
  }));
}

// The key and inputs of the reference implementation; computed with a dozen lines of Python that also give its
// published vector for SipHash-2-4 (a129ca6149be45e5 for the fifteen octets).
TEST_CASE("the fingerprint is SipHash-1-3") {
  Key128 key{};
  for (std::size_t i = 0; i < key.size(); ++i) key.octets[i] = static_cast<std::uint8_t>(i);
  const Fingerprinter fingerprinter{key};
  std::vector<std::uint8_t> octets;
  CHECK(fingerprinter(octets) == 0xABAC0158050FC4DC);
  for (std::uint8_t i = 0; i < 15; ++i) octets.push_back(i);
  CHECK(fingerprinter(octets) == 0xD320D86D2A519956);
  CHECK(fingerprinter(0x0706050403020100, std::span{octets}.subspan(8)) == 0xD320D86D2A519956);
}
