// Identities whose code on the air changes with time: rolling tokens and Eddystone-EID (contract 3.5).
//
// The codes of now, of the rotation before and of the one after are in a table before they can be heard, so that
// recognising is a lookup and never a trial of keys. `advance` keeps them so: a sweep passes every identity eight
// times a rotation, a few at a time, computes what will be needed before long and drops what will not.
//
// A table entry's value is the record's place and the rotation's number modulo 4: of the three or four rotations in the
// table each has its own. What is found is checked against the clock and against the whole code before it counts, so
// that codes whose hashes are equal by chance are told apart: a false find costs a computation, never a wrong shopper.
// Belongs to one thread.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "core/identity/code_table.hpp"
#include "core/identity/fingerprint.hpp"
#include "core/identity/identity.hpp"
#include "core/identity/rotating_records.hpp"

namespace beacon_gateway {

class RotatingIdentities {
 public:
  // The fewest octets of a token on the air; an EID has as many.
  static constexpr std::size_t kCodeSize = CodeHasher::kOctets;
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

  explicit RotatingIdentities(const Fingerprinter& secret) : hash_(secret) {}

  // The tokens and EIDs of an identity; nothing for one without. The number must not be held already.
  void add(const Identity& identity, WallTime now);
  void remove(ShopperNumber number);
  void clear();
  void shrink_to_fit();

  // Keeps the table up to date; cheap when called often. Also right after a jump of the clock, either way.
  void advance(WallTime now);

  // A hint that this payload may have to be looked up: EIDs, and tokens in service data, mostly end theirs. A million
  // identities' table lies far away in memory, and reading the payload takes as long as the way there.
  [[gnu::always_inline]] void expect(std::span<const std::uint8_t> payload) const {
    if (payload.size() >= kCodeSize) codes_.expect(hash_(payload.last(kCodeSize)));
  }

  // Calls `visit` with the match of each identity whose code this is now: kMostClaims at most.
  template <class Visit>
  void for_each_match(const Code& heard, WallTime now, Visit visit) {
    std::array<CodeTable::Value, kMostClaims> values{};  // collected first: `found` may move a window, and the table
    std::size_t count = 0;
    codes_.for_each(hash_(heard.octets), [&](CodeTable::Value value) {
      if (!fits(value, heard, now)) return;
      assert(count < values.size());
      values[count++] = value;
    });
    for (std::size_t i = 0; i < count; ++i) visit(found(values[i], now));
  }

  // The services under which tokens may come.
  [[nodiscard]] std::span<const Uuid> services() const { return services_; }
  // Pairs of identities of two shoppers that have, or had, a code in common.
  [[nodiscard]] std::size_t contested() const { return contested_.size(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t memory() const;

 private:
  using Place = RotatingRecords::Place;
  using CodeOctets = std::array<std::uint8_t, 16>;

  void add_token(const Identity& identity, const RollingTokenIdentifier& token, WallTime now);
  void add_eddystone(const Identity& identity, std::size_t position, WallTime now);
  [[nodiscard]] std::uint16_t service_number(const Uuid& service);
  void enter(Place place, WallTime now);
  void leave(Place place);

  // The seconds that the rotations divide: since 1970 for a token, of the beacon's own clock for an EID.
  [[nodiscard]] std::int64_t clock_s(Place place, WallTime now) const;
  [[nodiscard]] std::int64_t rotation(Place place, WallTime now) const;
  // What may be heard from now until the sweep has come by again.
  [[nodiscard]] Rotations to_hold(Place place, WallTime now) const;
  // Nothing where the key of that time is not held.
  [[nodiscard]] std::optional<CodeOctets> code(Place place, std::int64_t rotation) const;
  [[nodiscard]] std::int64_t rotation_of(CodeTable::Value value) const;
  [[nodiscard]] bool fits(CodeTable::Value value, const Code& heard, WallTime now) const;
  [[nodiscard]] Match found(CodeTable::Value value, WallTime now);
  [[nodiscard]] std::optional<ClockCorrection> learn(Place place, std::int64_t heard, WallTime now);

  void put(Place place, std::int64_t rotation);
  void take(Place place, std::int64_t rotation);
  void bring_up_to_date(Place place, WallTime now);
  void sweep(RotatingRecords::Cohort& cohort, WallTime now);

  CodeHasher hash_;
  CodeTable codes_;
  RotatingRecords records_;
  std::vector<Uuid> services_;  // each once; never fewer, as records name them by their place
  std::size_t size_ = 0;
  std::set<std::pair<Place, Place>> contested_;
  std::optional<WallTime> looked_at_;
};

}  // namespace beacon_gateway
