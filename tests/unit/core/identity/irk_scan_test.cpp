#include "core/identity/irk_scan.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

constexpr std::size_t kWidestGroup = 8;  // keys that the widest hardware scan tries at once

std::vector<IrkScan*> every_scan() {
  auto scans = hardware_irk_scans();
  scans.push_back(&portable_irk_scan);
  scans.push_back(&scan_irks);
  return scans;
}

IrkMatches scanned(IrkScan* scan, std::span<const Key128> keys, const ResolvableAddress& address) {
  IrkMatches matches;
  scan(keys, {&address, 1}, {&matches, 1}, 0);
  return matches;
}

// What a scan has to find, by OpenSSL one key after the other.
IrkMatches plainly(std::span<const Key128> keys, const ResolvableAddress& address) {
  IrkMatches result;
  for (std::size_t k = 0; k < keys.size(); ++k)
    if (matches(keys[k], address)) result.add(k);
  return result;
}

ResolvableAddress address_of(const Key128& irk, std::uint32_t prand) {
  return {prand, address_hash(irk, prand)};
}

std::vector<Key128> different_keys(std::size_t count) {
  std::vector<Key128> keys(count);
  for (std::size_t k = 0; k < count; ++k) keys[k] = {0xA5, static_cast<std::uint8_t>(k), 0x5A};
  return keys;
}

}  // namespace

TEST_CASE("Every scan finds the key of the Core specification's sample") {
  const Key128 irk{0xEC, 0x02, 0x34, 0xA3, 0x57, 0xC8, 0xAD, 0x05, 0x34, 0x10, 0x10, 0xA6, 0x0A, 0x39, 0x7D, 0x9B};
  for (IrkScan* scan : every_scan()) CHECK(scanned(scan, {&irk, 1}, {0x708194, 0x0DFBAA}) == IrkMatches{1, {}});
}

TEST_CASE("Every scan finds a key at every place among any number of them") {
  for (std::size_t size = 1; size <= 3 * kWidestGroup; ++size) {
    const auto keys = different_keys(size);
    for (std::size_t place = 0; place < size; ++place)
      for (IrkScan* scan : every_scan())
        REQUIRE(scanned(scan, keys, address_of(keys[place], 0x4321FE)) == IrkMatches{1, {place}});
  }
}

TEST_CASE("Every scan finds nothing in nothing, and no stranger") {
  for (IrkScan* scan : every_scan()) {
    CHECK(scanned(scan, {}, {0x412345, 0x123456}) == IrkMatches{});
    CHECK(scanned(scan, different_keys(21), address_of({1}, 0x412345)) == IrkMatches{});
    // The rest of the last group is filled with zeros: the key of zeros is not there all the same.
    CHECK(scanned(scan, different_keys(21), address_of({}, 0x412345)) == IrkMatches{});
  }
}

TEST_CASE("Every scan counts all matches and names the first two in order") {
  auto keys = different_keys(23);
  for (const std::size_t place : {3U, 14U, 17U, 22U}) keys[place] = keys[6];
  for (IrkScan* scan : every_scan()) {
    CHECK(scanned(scan, keys, address_of(keys[6], 0x412345)) == IrkMatches{5, {3, 6}});
    CHECK(scanned(scan, std::span{keys}.subspan(4, 12), address_of(keys[6], 0x412345)) == IrkMatches{2, {2, 10}});
  }
}

TEST_CASE("Every scan agrees with OpenSSL, for several addresses at once, and in slices") {
  REQUIRE(rc::check([] {
    const auto keys = *rc::gen::container<std::vector<Key128>>(
        *rc::gen::inRange<std::size_t>(0, 40),
        rc::gen::map(rc::gen::arbitrary<std::array<std::uint8_t, Key128::size()>>(),
                     [](const auto& octets) { return Key128{octets}; }));
    // Half of the addresses are of one of the keys, if there is one.
    const auto lots = *rc::gen::container<std::vector<std::uint32_t>>(*rc::gen::inRange<std::size_t>(0, 9),
                                                                      rc::gen::inRange(0U, 1U << 24U));
    std::vector<ResolvableAddress> addresses;
    for (const std::uint32_t lot : lots)
      addresses.push_back(lot % 2 == 0 || keys.empty() ? ResolvableAddress{lot, ~lot & 0xFFFFFFU}
                                                       : address_of(keys[lot % keys.size()], lot));
    std::vector<IrkMatches> expected;
    for (const auto& address : addresses) expected.push_back(plainly(keys, address));

    const std::size_t cut = *rc::gen::inRange<std::size_t>(0, keys.size() + 1);
    for (IrkScan* scan : every_scan()) {
      std::vector<IrkMatches> matches(addresses.size());
      scan(std::span{keys}.first(cut), addresses, matches, 0);
      scan(std::span{keys}.subspan(cut), addresses, matches, cut);
      RC_ASSERT(matches == expected);
    }
  }));
}
