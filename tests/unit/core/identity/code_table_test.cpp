#include "core/identity/code_table.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

using Value = CodeTable::Value;

std::vector<Value> values(const CodeTable& table, CodeTable::Hash hash) {
  std::vector<Value> result;
  table.for_each(hash, [&](Value value) { result.push_back(value); });
  std::ranges::sort(result);
  return result;
}

// The same by a multimap.
struct Model {
  std::multimap<CodeTable::Hash, Value> entries;

  bool erase(CodeTable::Hash hash, Value value) {
    const auto [from, to] = entries.equal_range(hash);
    const auto one = std::find_if(from, to, [&](const auto& entry) { return entry.second == value; });
    if (one == to) return false;
    entries.erase(one);
    return true;
  }
  [[nodiscard]] std::vector<Value> values(CodeTable::Hash hash) const {
    std::vector<Value> result;
    const auto [from, to] = entries.equal_range(hash);
    std::transform(from, to, std::back_inserter(result), [](const auto& entry) { return entry.second; });
    std::ranges::sort(result);
    return result;
  }
};

}  // namespace

// Hashes of few homes, the last one among them: full lines, long ways from home that wrap around, and bits of what
// passed on that must go when the last who did goes, and not before.
TEST_CASE("the table of codes answers as a multimap does, through any insertions and removals") {
  const bool crowded = GENERATE(true, false);
  REQUIRE(rc::check([&](std::uint32_t seed) {
    std::mt19937 random{seed};
    const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
    CodeTable table;
    Model model;
    const std::uint32_t most = 1 + below(400);
    const auto any_hash = [&] {
      return crowded ? 0xFFFF0000U - below(3) * 0x7FFFFFFFU + below(200) : below(300) * 0x01234567U;
    };
    for (int step = 0; step < 1500; ++step) {
      const CodeTable::Hash hash = any_hash();
      const Value value = below(3);
      if (below(2 * most) >= model.entries.size()) {
        table.insert(hash, value);
        model.entries.emplace(hash, value);
      } else if (const auto hashed = model.entries.lower_bound(hash); hashed != model.entries.end()) {
        const auto [gone, gone_value] = *hashed;
        RC_ASSERT(table.erase(gone, gone_value));
        RC_ASSERT(model.erase(gone, gone_value));
      }
      RC_ASSERT(table.size() == model.entries.size());
      const CodeTable::Hash asked = any_hash() & ~1U;
      if (asked % 0x10000U != 0) RC_ASSERT(values(table, asked) == model.values(asked));
    }
    for (const auto& [hash, value] : model.entries)
      if (hash % 0x10000U > 1) RC_ASSERT(values(table, hash) == model.values(hash));
    table.shrink_to_fit();
    for (const auto& [hash, value] : model.entries) RC_ASSERT(table.erase(hash, value));
    RC_ASSERT(table.size() == 0U);
  }));
}

TEST_CASE("an empty table of codes knows nothing and forgives a removal") {
  CodeTable table;
  CHECK_FALSE(table.erase(1, 1));
  CHECK(values(table, 1).empty());
  table.insert(5, 1);
  CHECK_FALSE(table.erase(5, 2));
  CHECK_FALSE(table.erase(6, 1));
  CHECK(values(table, 5) == std::vector<Value>{1});
}

TEST_CASE("a table of codes takes less than ten octets an entry, and gives left-over room back") {
  std::mt19937 random{1};
  constexpr std::uint32_t kEntries = 100'000;
  std::vector<CodeTable::Hash> hashes(kEntries);
  std::ranges::generate(hashes, [&] { return static_cast<CodeTable::Hash>(random()); });
  CodeTable table;
  for (Value i = 0; i < kEntries; ++i) table.insert(hashes[i], i);
  CHECK(table.memory() < hashes.size() * 12);
  table.shrink_to_fit();
  CHECK(table.memory() < hashes.size() * 10);
  for (Value i = 0; i < kEntries; ++i) REQUIRE(std::ranges::count(values(table, hashes[i]), i) == 1);
  for (Value i = kEntries / 2; i < kEntries; ++i) REQUIRE(table.erase(hashes[i], i));
  table.shrink_to_fit();
  CHECK(table.memory() < hashes.size() / 2 * 10);
  for (Value i = 0; i < kEntries / 2; ++i) REQUIRE(std::ranges::count(values(table, hashes[i]), i) == 1);
  table.clear();
  CHECK(table.memory() == 0);
}

TEST_CASE("hashes that differ in one bit are told apart, but for the last of one whose lower half is nought") {
  const CodeTable::Hash hash = GENERATE(0x01234567U, 0U, ~0U, 0xABCD0000U);
  CodeTable table;
  table.insert(hash, 1);
  CHECK(values(table, hash) == std::vector<Value>{1});
  for (unsigned bit = hash % 0x10000U == 0 ? 1 : 0; bit < 32; ++bit) CHECK(values(table, hash ^ 1U << bit).empty());
}

// A search that only stops where nothing passed on would not end here.
TEST_CASE("a search ends in a table all of whose lines were passed") {
  constexpr Value kLine = 31;
  constexpr CodeTable::Hash kFirstHome = 2;  // of two lines, which 34 to 55 entries take
  constexpr CodeTable::Hash kSecondHome = 0x80000002;
  CodeTable table;
  for (Value i = 0; i < kLine + 3; ++i) table.insert(kFirstHome, i);
  for (Value i = 0; i < 15; ++i) REQUIRE(table.erase(kFirstHome, i));
  for (Value i = 0; i < kLine; ++i) table.insert(kSecondHome, i);
  CHECK(values(table, kFirstHome).size() == kLine + 3 - 15);
  CHECK(values(table, kSecondHome).size() == kLine);
  CHECK(values(table, kFirstHome | 0x01000000U).empty());
  CHECK(values(table, kSecondHome | 0x01000000U).empty());
}
