// Rotating identities: the scan over IRKs by each way, and what one rolling token and one Eddystone-EID cost.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

#include "core/identity/irk_scan.hpp"
#include "core/identity/rotating_codes.hpp"

namespace beacon_gateway {
namespace {

constexpr std::size_t kMostKeys = 1'000'000;
constexpr ResolvableAddress kStranger{0x412345, 0x6789AB};

// The same keys in each run: a scan's time does not depend on them.
std::span<const Key128> some_keys(std::size_t count) {
  static const std::vector<Key128> keys = [] {
    std::mt19937 random{1};  // any seed
    std::vector<Key128> made(kMostKeys);
    for (Key128& key : made) std::ranges::generate(key.octets, [&] { return static_cast<std::uint8_t>(random()); });
    return made;
  }();
  return std::span{keys}.first(count);
}

// One item is one key tried against one address.
void scan(benchmark::State& state, IrkScan* irk_scan, std::size_t address_count) {
  const auto keys = some_keys(static_cast<std::size_t>(state.range(0)));
  std::vector<ResolvableAddress> addresses(address_count, kStranger);
  for (std::uint32_t i = 0; i < address_count; ++i) addresses[i].prand += i;
  for (auto _ : state) {
    std::vector<IrkMatches> matches(address_count);
    irk_scan(keys, addresses, matches, 0);
    benchmark::DoNotOptimize(matches.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * static_cast<std::int64_t>(address_count));
}

// The yardstick: OpenSSL's AES-128, fetched once, given the next key each time.
void scan_by_openssl(benchmark::State& state) {
  const auto keys = some_keys(static_cast<std::size_t>(state.range(0)));
  const std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> cipher{
      EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr), &EVP_CIPHER_free};
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{EVP_CIPHER_CTX_new(),
                                                                                &EVP_CIPHER_CTX_free};
  if (EVP_EncryptInit_ex2(context.get(), cipher.get(), nullptr, nullptr, nullptr) != 1)
    throw std::runtime_error("OpenSSL cannot do AES-128");
  const std::array<std::uint8_t, 16> plain{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x41, 0x23, 0x45};
  const std::array<std::uint8_t, 3> wanted{0x67, 0x89, 0xAB};
  std::array<std::uint8_t, 16> result{};
  int written = 0;
  for (auto _ : state) {
    std::size_t matches = 0;
    for (const Key128& key : keys) {
      EVP_EncryptInit_ex2(context.get(), nullptr, key.data(), nullptr, nullptr);
      EVP_EncryptUpdate(context.get(), result.data(), &written, plain.data(), static_cast<int>(plain.size()));
      matches += std::equal(wanted.begin(), wanted.end(), result.begin() + 13) ? 1U : 0U;
    }
    benchmark::DoNotOptimize(matches);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void one_rolling_token(benchmark::State& state) {
  const Key128 key = some_keys(1)[0];
  std::int64_t number = 0;
  for (auto _ : state) benchmark::DoNotOptimize(rolling_token(key, number++));
  state.SetItemsProcessed(state.iterations());
}

// With the temporary key: what an identity costs that has just been added.
void one_ephemeral_id(benchmark::State& state) {
  const Key128 key = some_keys(1)[0];
  std::uint32_t counter = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(eddystone_ephemeral_id(eddystone_temporary_key(key, counter), 0, counter));
    ++counter;
  }
  state.SetItemsProcessed(state.iterations());
}

void with_sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Unit(benchmark::kMicrosecond)->RangeMultiplier(10)->Range(1000, kMostKeys);
}

const bool registered = [] {
  const auto hardware = hardware_irk_scans();
  if (!hardware.empty()) {
    with_sizes(benchmark::RegisterBenchmark("irk_scan/hardware", scan, hardware.front(), 1));
    with_sizes(benchmark::RegisterBenchmark("irk_scan/hardware, 8 addresses", scan, hardware.front(), 8));
  }
  if (hardware.size() > 1)
    with_sizes(benchmark::RegisterBenchmark("irk_scan/hardware, AES-NI", scan, hardware.back(), 1));
  with_sizes(benchmark::RegisterBenchmark("irk_scan/portable", scan, &portable_irk_scan, 1));
  with_sizes(benchmark::RegisterBenchmark("irk_scan/openssl", scan_by_openssl));
  benchmark::RegisterBenchmark("rolling_token", one_rolling_token);
  benchmark::RegisterBenchmark("eddystone_ephemeral_id", one_ephemeral_id);
  return true;
}();

}  // namespace
}  // namespace beacon_gateway
