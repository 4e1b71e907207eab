// Identities whose code on the air changes with time: rolling tokens and Eddystone-EID (contract 3.5).
//
// The codes of now, of the rotation before and of the one after are in the fingerprint table before they can be heard,
// so that recognising is a lookup and never a trial of keys. `advance` keeps them so: a sweep passes every identity
// eight times a rotation, a few at a time, computes what will be needed before long and drops what will not.
//
// A table entry's value is kRotating, the identity's place and the rotation's number modulo 4: of the three or four
// rotations in the table each has its own, and a hit is checked against the clock and against the whole code before it
// counts.
// Belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "core/identity/fingerprint_table.hpp"
#include "core/identity/identity.hpp"

namespace beacon_gateway {

class RotatingIdentities {
 public:
  // Marks a value as ours; values of others are below.
  static constexpr FingerprintTable::Value kRotating = 0x80000000;
  // The fewest octets of a token on the air; an EID has as many.
  static constexpr std::size_t kCodeSize = 8;
  // Further claims to what so many claim are not even put into the table: two are enough to make it nobody's.
  static constexpr std::size_t kMostClaims = 4;

  // What was heard.
  struct Code {
    std::optional<Uuid> service_uuid;      // of a token in service data
    std::span<const std::uint8_t> octets;  // 8, or all 16 of a token in a service UUID
    bool eddystone = false;
  };
  struct Match {
    ShopperNumber shopper = 0;
    bool staff = false;
    WallTime until{};  // from then on the same code is no longer taken
    std::optional<ClockCorrection> learnt;
  };

  RotatingIdentities(FingerprintTable& table, const Fingerprinter& fingerprinter)
      : table_(table), fingerprinter_(fingerprinter) {}

  // The tokens and EIDs of an identity; nothing for one without. The number must not be held already.
  void add(const Identity& identity, WallTime now);
  void remove(ShopperNumber number);
  void clear();
  // The table is not ours to shrink.
  void shrink_to_fit();

  // Keeps the table up to date; cheap when called often. Also right after a jump of the clock, either way.
  void advance(WallTime now);

  [[nodiscard]] Fingerprint fingerprint(const Code& code) const;
  // What a table's value is worth now that this code was heard. Nothing for a code that is out of its window.
  [[nodiscard]] std::optional<Match> check(FingerprintTable::Value value, const Code& heard, WallTime now);
  // Whose a value is, whether it is valid now or not.
  [[nodiscard]] ShopperNumber owner(FingerprintTable::Value value) const { return records_[place_of(value)].shopper; }

  // The services under which tokens may come.
  [[nodiscard]] std::span<const Uuid> services() const { return services_; }
  // Pairs of identities of two shoppers that have, or had, a code in common.
  [[nodiscard]] std::size_t contested() const { return contested_.size(); }
  [[nodiscard]] std::size_t size() const { return records_.size() - free_records_.size(); }
  [[nodiscard]] std::size_t memory() const;

 private:
  using Place = std::uint32_t;
  static constexpr Place kNowhere = 0xFFFFFFFF;

  struct Rotations {
    std::int64_t first = 0;
    std::int64_t last = -1;
    [[nodiscard]] bool holds(std::int64_t one) const { return first <= one && one <= last; }
    friend bool operator==(const Rotations&, const Rotations&) = default;
  };
  struct Record {
    std::int64_t first_held = 0;    // the first of the rotations in the table
    ShopperNumber shopper = 0;      // 0: free
    Place secret = kNowhere;        // a token's newest link of day keys, or an EID's keys
    std::uint32_t sweep_place = 0;  // in its sweep
    std::uint16_t detail = 0;       // a token's service, or the EID's position in the profile
    std::uint8_t exponent = 0;      // of an EID's period
    std::uint8_t held = 0;          // how many are in the table
    bool eddystone = false;
    bool staff = false;

    [[nodiscard]] Rotations rotations() const { return {first_held, first_held + held - 1}; }
    void hold(const Rotations& these) {
      first_held = these.first;
      held = static_cast<std::uint8_t>(these.last - these.first + 1);
    }
  };
  struct DayKeyLink {
    Key128 key{};
    std::int32_t day = 0;  // since 1970-01-01
    Place next = kNowhere;
  };
  struct EddystoneKeys {
    Key128 key{};
    std::int64_t clock_offset_s = 0;
    std::optional<std::uint16_t> only_block;  // of 65 536 s: `key` is that block's temporary key
    std::int32_t ahead_s = 0;
    std::uint32_t learnt_at = 0;  // unix seconds; 0: never
  };
  // Identities of one period, passed through several times in it.
  struct Sweep {
    std::vector<Place> places;
    std::size_t cursor = 0;
    std::optional<WallTime> done_until;
  };

  [[nodiscard]] static Place place_of(FingerprintTable::Value value) { return (value & ~kRotating) >> 2U; }

  Place new_record(ShopperNumber shopper, bool staff);
  void add_token(const Identity& identity, const RollingTokenIdentifier& token, WallTime now);
  void add_eddystone(const Identity& identity, std::size_t position, WallTime now);
  void enter(Place place, WallTime now);
  void leave(Place place);
  void free_secret(const Record& record);

  [[nodiscard]] std::uint32_t period_s(const Record& record) const;
  [[nodiscard]] std::int64_t clock_s(const Record& record, WallTime now) const;
  [[nodiscard]] std::int64_t rotation(const Record& record, WallTime now) const;
  // What may be heard from now until the sweep has come by again.
  [[nodiscard]] Rotations to_hold(const Record& record, WallTime now) const;
  [[nodiscard]] std::optional<std::array<std::uint8_t, 16>> code(const Record& record, std::int64_t rotation) const;
  [[nodiscard]] Fingerprint owner_fingerprint(ShopperNumber number) const;
  void put(Place place, std::int64_t rotation);
  void take(Place place, std::int64_t rotation);
  void bring_up_to_date(Place place, WallTime now);
  void drop_keys_before(Record& record, std::int32_t day);
  [[nodiscard]] std::optional<ClockCorrection> learn(Record& record, std::int64_t heard, WallTime now);
  void sweep(std::uint32_t period, Sweep& sweep, WallTime now);

  FingerprintTable& table_;
  const Fingerprinter& fingerprinter_;
  std::vector<Record> records_;
  std::vector<Place> free_records_;
  FingerprintTable owned_;  // shopper -> records
  std::vector<DayKeyLink> day_keys_;
  Place free_day_key_ = kNowhere;
  std::vector<EddystoneKeys> eddystone_keys_;
  std::vector<Place> free_eddystone_keys_;
  struct Service {
    std::uint32_t period_s = 0;
    Uuid uuid{};
    friend auto operator<=>(const Service&, const Service&) = default;
  };
  std::vector<Service> token_kinds_;
  std::vector<Uuid> services_;             // of `token_kinds_`, each once
  std::map<std::uint32_t, Sweep> sweeps_;  // by period in seconds
  std::set<std::pair<Place, Place>> contested_;
  std::optional<WallTime> looked_at_;
};

}  // namespace beacon_gateway
