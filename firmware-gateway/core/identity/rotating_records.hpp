// What is held of each rotating identity, as small as it goes: the shopper, the keys, what is known of a beacon's clock
// and which rotations' codes are live. And where all records of a shopper, or of a period, are.
//
// Records lie in chunks of one kind and one period, so that a sweep of a period meets no others, and growth copies
// nothing. A record's place is its number until it is removed; then its keys are overwritten.
// Belongs to one thread. Seconds since 1970 or of a beacon's clock; days since 1970.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/identity/identity.hpp"

namespace beacon_gateway {

// Rotations from `first` to `last`; none where `last` is before `first`.
struct Rotations {
  std::int64_t first = 0;
  std::int64_t last = -1;
  [[nodiscard]] bool holds(std::int64_t one) const { return first <= one && one <= last; }
  friend bool operator==(const Rotations&, const Rotations&) = default;
};

struct RotatingRecord {
  std::uint32_t shopper : 27 = 0;  // 0: no record
  std::uint32_t held : 3 = 0;      // how many rotations are live, at most 4
  bool staff : 1 = false;
  bool only_block : 1 = false;  // an EID's key is the temporary key of block `detail` of 65 536 s
  std::uint32_t first_held_lower = 0;
  std::int8_t first_held_upper = 0;  // of 40 bits: at a rotation a second, 17 000 years
  std::uint8_t position = 0;         // an EID's in its profile, or a record's among those of its token
  std::uint16_t detail = 0;          // a token's service by number, or an EID's block
  static_assert(kMostShoppers < 1U << 27U);

  [[nodiscard]] Rotations rotations() const {
    const std::int64_t first = std::int64_t{first_held_upper} << 32U | first_held_lower;
    return {first, first + held - 1};
  }
  void hold(const Rotations& these) {
    first_held_lower = static_cast<std::uint32_t>(these.first);
    first_held_upper = static_cast<std::int8_t>(these.first >> 32U);
    held = static_cast<std::uint32_t>(these.last - these.first + 1) & 7U;
  }
};
static_assert(sizeof(RotatingRecord) == 12);

// Yesterday's, today's and tomorrow's keys. A token that is given more has several records.
struct RollingTokenRecord : RotatingRecord {
  static constexpr std::size_t kKeys = 3;
  std::array<std::uint16_t, kKeys> days{};  // 0: no key
  std::array<Key128, kKeys> keys{};
};
static_assert(sizeof(RollingTokenRecord) == 68);

struct EddystoneRecord : RotatingRecord {
  Key128 key{};
  std::int32_t clock_offset_s = 0;  // modulo 2^32, as the beacon's clock
  std::int32_t ahead_s = 0;
  std::uint32_t learnt_at = 0;  // 0: never
};
static_assert(sizeof(EddystoneRecord) == 40);

class RotatingRecords {
 public:
  using Place = std::uint32_t;
  static constexpr Place kMostPlaces = 1U << 30U;

  // Records of one kind and period, and how far a sweep has got with them.
  struct Cohort {
    std::uint32_t period_s = 0;
    std::vector<std::uint32_t> chunks;
    Place free = kNowhere;  // the first of a list, by `first_held_lower`
    std::size_t cursor = 0;
    std::optional<WallTime> swept_until;

    // Some are free.
    [[nodiscard]] std::size_t size() const { return chunks.size() * kChunk; }
    [[nodiscard]] Place place(std::size_t number) const {
      return static_cast<Place>(chunks[number / kChunk] * kChunk + number % kChunk);
    }
  };

  [[nodiscard]] Place add_token(ShopperNumber shopper, std::uint32_t period_s);
  [[nodiscard]] Place add_eddystone(ShopperNumber shopper, std::uint32_t period_s);
  void remove(Place place);
  void clear() { *this = {}; }
  void shrink_to_fit();

  [[nodiscard]] RotatingRecord& at(Place place) {
    if (RollingTokenRecord* const record = token(place)) return *record;
    return *eddystone(place);
  }
  [[nodiscard]] const RotatingRecord& at(Place place) const {
    if (const RollingTokenRecord* const record = token(place)) return *record;
    return *eddystone(place);
  }
  // Null where the place holds the other kind.
  [[nodiscard]] RollingTokenRecord* token(Place place) { return in(chunks_[place / kChunk].tokens, place); }
  [[nodiscard]] const RollingTokenRecord* token(Place place) const { return in(chunks_[place / kChunk].tokens, place); }
  [[nodiscard]] EddystoneRecord* eddystone(Place place) { return in(chunks_[place / kChunk].eddystones, place); }
  [[nodiscard]] const EddystoneRecord* eddystone(Place place) const {
    return in(chunks_[place / kChunk].eddystones, place);
  }
  [[nodiscard]] std::uint32_t period_s(Place place) const { return chunks_[place / kChunk].cohort->period_s; }

  [[nodiscard]] std::vector<Place> of(ShopperNumber shopper) const;
  // Calls with each cohort, which stays while there are records.
  template <class Visit>
  void for_each_cohort(Visit visit) {
    for (auto& [key, cohort] : cohorts_) visit(cohort);
  }

  [[nodiscard]] std::size_t memory() const;

 private:
  static constexpr Place kNowhere = 0xFFFFFFFF;
  // What a period with a single record takes, a few KiB, and what each record does of its chunk, half an octet.
  static constexpr std::size_t kChunk = 64;

  struct Chunk {
    std::unique_ptr<std::array<RollingTokenRecord, kChunk>> tokens;  // of the two, one is null
    std::unique_ptr<std::array<EddystoneRecord, kChunk>> eddystones;
    Cohort* cohort = nullptr;
  };
  enum class Kind : std::uint8_t { token, eddystone };

  template <class Record>
  [[nodiscard]] static Record* in(const std::unique_ptr<std::array<Record, kChunk>>& records, Place place) {
    return records ? &(*records)[place % kChunk] : nullptr;
  }
  Place add(Kind kind, ShopperNumber shopper, std::uint32_t period_s);
  void add_chunk(Kind kind, Cohort& cohort);

  // `owned_` is a table of places by shopper, with linear probing.
  [[nodiscard]] std::size_t home(ShopperNumber shopper) const;
  [[nodiscard]] std::size_t after(std::size_t slot) const { return slot + 1 == owned_.size() ? 0 : slot + 1; }
  [[nodiscard]] std::size_t distance(std::size_t from, std::size_t to) const {
    return to >= from ? to - from : to + owned_.size() - from;
  }
  void own(Place place);
  void disown(Place place);
  void resize_owned(std::size_t slots);

  std::vector<Chunk> chunks_;
  std::map<std::pair<Kind, std::uint32_t>, Cohort> cohorts_;
  std::vector<Place> owned_;
  std::size_t size_ = 0;
};

}  // namespace beacon_gateway
