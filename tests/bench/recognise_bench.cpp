// Advertisement -> shopper or unknown, whatever the number of profiles: beside the least that any gateway does, which
// is to decode and to look up once. And what a profile takes of memory, beside its key and value side by side.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/beacon/decode.hpp"
#include "core/identity/recogniser.hpp"
#include "tests/bench/shops.hpp"

namespace beacon_gateway::bench {
namespace {

constexpr std::uint32_t kFewest = 1000;
constexpr std::uint32_t kMost = 1'000'000;
// IRKs are tried one by one: beyond what the default bound takes, for whoever lifts it.
constexpr std::uint32_t kMostIrks = 100'000;

constexpr std::uint32_t kRepeaters = 500;    // devices that are heard again and again
constexpr std::uint32_t kPasses = 65'536;    // advertisements, of which each is another device's: more than any cache
constexpr std::uint32_t kPassesIrk = 512;    // each costs a trial of every key
constexpr std::uint32_t kHearings = 16'384;  // of repeaters, in any order

bool is_irk(const Kind& kind) {
  return kind.name == "irk";
}

IdentityRules rules_for(std::uint32_t profiles) {
  IdentityRules rules;
  if (profiles > rules.most_irks) rules.most_irks = profiles;
  return rules;
}

// Each shop is made once for all benchmarks: the larger ones take seconds.
Recogniser& shop(const Kind& kind, std::uint32_t profiles) {
  static std::map<std::pair<std::string_view, std::uint32_t>, std::unique_ptr<Recogniser>> shops;
  auto& one = shops[{kind.name, profiles}];
  if (one) return *one;
  one = std::make_unique<Recogniser>(rules_for(profiles), Key128{{1, 2, 3}});
  for (std::uint32_t i = 0; i < profiles; ++i) one->add(identity(kind, i), kNow);
  one->shrink_to_fit();
  return *one;
}

// What is heard: each device once, or a few of them many times. A driver fills one advertisement again and again, and
// so does this: a pass over whole ones would measure how fast it drives everything else out of the caches.
class Air {
 public:
  Air(const Kind& kind, std::uint32_t first, bool repeated) : heard_{kind.advertisement(first)} {
    for (std::uint32_t i = 0; i < kSamples; ++i) samples_.push_back(kind.advertisement(first + i));
    const std::uint32_t devices = repeated ? kRepeaters : is_irk(kind) ? kPassesIrk : kPasses;
    for (std::uint32_t i = 0; i < devices; ++i) devices_.push_back(different(kind.advertisement(first + i), i));
    hearings_.resize(repeated ? kHearings : devices);
    for (std::uint32_t i = 0; i < hearings_.size(); ++i) hearings_[i] = i % devices;
    if (repeated) std::ranges::shuffle(hearings_, std::mt19937{1});
  }

  [[nodiscard]] std::size_t size() const { return hearings_.size(); }
  template <class Hear>
  void for_each(Hear hear) {
    for (const std::uint32_t hearing : hearings_) hear(put_together(devices_[hearing]));
  }

 private:
  static constexpr std::uint32_t kSamples = 5;  // whose kinds a mixed shop takes in turn
  static constexpr std::size_t kTail = 8;       // at the end of a payload stands what tells devices of a kind apart

  struct Device {
    std::array<std::uint8_t, 6> address{};
    std::array<std::uint8_t, kTail> tail{};
    std::uint8_t sample = 0;
  };
  [[nodiscard]] static Device different(const Advertisement& sent, std::uint32_t number) {
    Device device{.address = sent.address.octets, .tail = {}, .sample = static_cast<std::uint8_t>(number % kSamples)};
    std::ranges::copy(sent.payload.bytes().last<kTail>(), device.tail.begin());
    return device;
  }
  [[nodiscard]] const Advertisement& put_together(const Device& device) {
    heard_ = samples_[device.sample];
    heard_.address.octets = device.address;
    std::memcpy(heard_.payload.octets.data() + heard_.payload.size - kTail, device.tail.data(), kTail);
    return heard_;
  }

  Advertisement heard_;
  std::vector<Advertisement> samples_;
  std::vector<Device> devices_;
  std::vector<std::uint32_t> hearings_;
};
Air& air(const Kind& kind, std::uint32_t first, bool repeated) {
  static std::map<std::tuple<std::string_view, std::uint32_t, bool>, Air> airs;
  return airs.try_emplace({kind.name, first, repeated}, kind, first, repeated).first->second;
}

// One item is one advertisement.
void recognise(benchmark::State& state, const Kind& kind, std::uint32_t first, bool repeated) {
  const auto profiles = static_cast<std::uint32_t>(state.range(0));
  Recogniser& recogniser = shop(kind, profiles);
  Air& heard = air(kind, first, repeated);
  const auto recognise_one = [&](const Advertisement& one) { benchmark::DoNotOptimize(recogniser.recognise(one)); };
  if (repeated) heard.for_each(recognise_one);
  for (auto _ : state) {
    // Makes it forget who was heard lately: every device is new again.
    if (!repeated) recogniser.set_rules(rules_for(profiles));
    if (!repeated && is_irk(kind)) {
      recogniser.remove(identity(kind, 0));
      recogniser.add(identity(kind, 0), kNow);
    }
    heard.for_each(recognise_one);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(heard.size()));
}

// The yardstick: keys and values in the plainest table there is, as full as ours may be.
class BareTable {
 public:
  static constexpr std::size_t kKeySize = 20;  // an iBeacon's
  using Key = std::array<std::uint8_t, kKeySize>;

  explicit BareTable(std::size_t entries) : slots_(entries * 10 / 7 + 1) {
    Key key{};
    for (std::uint32_t i = 0; i < entries; ++i) {
      fill(key, i);
      std::size_t at = home(key);
      while (slots_[at].value != 0) at = after(at);
      slots_[at] = {key, i + 1};
    }
  }
  [[nodiscard]] std::uint32_t find(const Key& key) const {
    for (std::size_t at = home(key); slots_[at].value != 0; at = after(at))
      if (slots_[at].key == key) return slots_[at].value;
    return 0;
  }

 private:
  struct Slot {
    Key key{};
    std::uint32_t value = 0;
  };
  [[nodiscard]] std::size_t home(const Key& key) const {
    std::array<std::uint64_t, 3> words{};
    std::memcpy(words.data(), key.data(), kKeySize);
    const std::uint64_t mixed =
        ((words[0] * 0x9E3779B97F4A7C15ULL ^ words[1]) * 0xBF58476D1CE4E5B9ULL ^ words[2]) * 0x94D049BB133111EBULL;
    return (mixed >> 32U) * slots_.size() >> 32U;
  }
  [[nodiscard]] std::size_t after(std::size_t at) const { return at + 1 == slots_.size() ? 0 : at + 1; }

  std::vector<Slot> slots_;
};

// What is looked up of an advertisement: what its frame names, else the address.
BareTable::Key key_of(const Advertisement& heard, std::span<const Uuid> services) {
  BareTable::Key key{};
  const Frames frames = decode(heard.payload.bytes(), services);
  if (frames.count == 0) {
    std::ranges::copy(heard.address.octets, key.begin());
  } else if (const auto* ibeacon = std::get_if<IBeacon>(frames.begin())) {
    std::memcpy(key.data(), ibeacon->uuid.data(), sizeof ibeacon->uuid);
    std::memcpy(key.data() + sizeof ibeacon->uuid, &ibeacon->major, sizeof ibeacon->major);
    std::memcpy(key.data() + sizeof ibeacon->uuid + sizeof ibeacon->major, &ibeacon->minor, sizeof ibeacon->minor);
  } else if (const auto* uid = std::get_if<EddystoneUid>(frames.begin())) {
    std::memcpy(key.data(), uid->name_space.data(), sizeof uid->name_space);
    std::memcpy(key.data() + sizeof uid->name_space, uid->instance.data(), sizeof uid->instance);
  } else if (const auto* eid = std::get_if<EddystoneEid>(frames.begin())) {
    std::memcpy(key.data(), eid->ephemeral_id.data(), sizeof eid->ephemeral_id);
  } else if (const auto* data = std::get_if<ServiceData>(frames.begin())) {
    std::memcpy(key.data(), data->data.data(), RotatingIdentities::kCodeSize);
  }
  return key;
}

void decode_and_look_up(benchmark::State& state, const Kind& kind, bool repeated) {
  const auto entries = static_cast<std::uint32_t>(static_cast<double>(state.range(0)) * kind.entries);
  static std::map<std::uint32_t, std::unique_ptr<BareTable>> tables;
  auto& table = tables[entries];
  if (!table) table = std::make_unique<BareTable>(entries);
  Air& heard = air(kind, kStrangers, repeated);
  const std::vector<Uuid> services(kind.tokens ? 1 : 0, kTokenService);
  for (auto _ : state)
    heard.for_each([&](const Advertisement& one) { benchmark::DoNotOptimize(table->find(key_of(one, services))); });
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(heard.size()));
}

// The octets that a profile takes besides what an empty recogniser takes.
void memory(benchmark::State& state, const Kind& kind) {
  const auto profiles = static_cast<std::uint32_t>(state.range(0));
  const std::size_t of_profiles = shop(kind, profiles).memory() - Recogniser{IdentityRules{}, Key128{}}.memory();
  for (auto _ : state) benchmark::DoNotOptimize(of_profiles);
  state.counters["octets"] = static_cast<double>(of_profiles) / profiles;
}

// Key and value side by side with no room between them, and of a rotating identity the codes that are live.
void packed_memory(benchmark::State& state, const Kind& kind) {
  constexpr std::size_t kValue = 4;
  constexpr std::size_t kDayKeys = 3 * (sizeof(Key128) + 4);
  constexpr std::size_t kCodes = kLiveCodes * (RotatingIdentities::kCodeSize + kValue);
  static const std::map<std::string_view, std::size_t> octets{{"ibeacon", 20 + kValue},
                                                              {"eddystone-uid", 16 + kValue},
                                                              {"address", 7 + kValue},
                                                              {"rolling-token", kDayKeys + kCodes},
                                                              {"eddystone-eid", sizeof(Key128) + 8 + kCodes},
                                                              {"irk", sizeof(Key128) + kValue}};
  for (auto _ : state) benchmark::DoNotOptimize(octets);
  state.counters["octets"] = static_cast<double>(octets.at(kind.name));
}

void register_all(const Kind& kind) {
  const std::uint32_t most = is_irk(kind) ? kMostIrks : kMost;
  const auto with_sizes = [&](const std::string& what, auto... arguments) {
    benchmark::RegisterBenchmark((what + "/" + std::string{kind.name}).c_str(), arguments...)
        ->RangeMultiplier(10)
        ->Range(kFewest, most);
  };
  with_sizes("recognise/new stranger", recognise, kind, kStrangers, false);
  with_sizes("recognise/stranger again", recognise, kind, kStrangers, true);
  with_sizes("recognise/shopper again", recognise, kind, 0U, true);
  with_sizes("bare/new stranger", decode_and_look_up, kind, false);
  with_sizes("bare/stranger again", decode_and_look_up, kind, true);
  if (kind.name == "mixed") return;
  benchmark::RegisterBenchmark(("memory/ours/" + std::string{kind.name}).c_str(), memory, kind)->Arg(kMostIrks);
  benchmark::RegisterBenchmark(("memory/packed/" + std::string{kind.name}).c_str(), packed_memory, kind);
}

const bool registered = [] {
  for (const Kind& kind : kinds()) register_all(kind);
  return true;
}();

}  // namespace
}  // namespace beacon_gateway::bench
