// Advertisement -> shopper, or one named reason why not: the one place where the radio meets the profiles.
//
// What was heard lately is answered from a small cache, known or not; the rest is decoded and looked up once, whatever
// the number of profiles. Only a resolvable private address that nothing else explains is tried against every IRK, once
// for as long as such an address can live. Nothing is allocated for an advertisement, and of a stranger nothing is kept
// but a keyed fingerprint, for a while, in memory.
// Belongs to one thread. The clock is the advertisements'.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/advertisement.hpp"
#include "core/assurance.hpp"
#include "core/beacon/decode.hpp"
#include "core/identity/fingerprint_table.hpp"
#include "core/identity/identifier.hpp"
#include "core/identity/identity.hpp"
#include "core/identity/recent_answers.hpp"
#include "core/identity/rotating_identities.hpp"

namespace beacon_gateway {

struct IdentityRules {
  std::vector<Uuid> ibeacon_uuids;        // only these are looked up; empty: all
  std::vector<Uuid> token_service_uuids;  // whose service data may be a token, besides those that profiles name
  // Of N IRKs, N / 2^24 take a stranger's address for a shopper's by chance; keys beyond this many are not taken.
  std::size_t most_irks = 1677;  // once in 10 000 strangers

  friend bool operator==(const IdentityRules&, const IdentityRules&) = default;
};

// How often a stranger's address is taken for one of so many IRKs': the hash of Core 5.4, Vol 3 Part H, 2.2.2 has 24
// bits.
[[nodiscard]] constexpr double false_match_rate(std::size_t irks) {
  return static_cast<double>(irks) / (1U << 24U);
}

struct Recognition {
  // In the order of how much it tells: the most telling one is answered.
  enum class Found : std::uint8_t { no_beacon, malformed, unknown, contested, staff, match };

  Found found = Found::no_beacon;
  ShopperNumber shopper = 0;  // of a match
  // An IRK counts as one that can be copied: nothing in a resolvable address says when it was made.
  Assurance assurance = Assurance::fixed;
  friend bool operator==(const Recognition&, const Recognition&) = default;
};

class Recogniser {
 public:
  // `secret`: drawn at random at each start; keys the fingerprints.
  Recogniser(IdentityRules rules, const Key128& secret);
  ~Recogniser() = default;
  Recogniser(const Recogniser&) = delete;  // its parts know each other
  Recogniser& operator=(const Recogniser&) = delete;

  void set_rules(IdentityRules rules);

  // The number must not be held already. Staff are recognised so that they are not taken for strangers.
  void add(const Identity& identity, WallTime now);
  // Takes out what `add` of the same identity put in; keys of past days may be missing from it.
  void remove(const Identity& identity);
  void clear();
  // Lets go of the room that is left over after many were added.
  void shrink_to_fit();

  [[nodiscard]] Recognition recognise(const Advertisement& heard);

  // Rolls rotating identities on; `recognise` does so too.
  void advance(WallTime now) { rotating_.advance(now); }

  // What was learnt of beacons' clocks since the last call: to be stored.
  [[nodiscard]] std::vector<std::pair<ShopperNumber, ClockCorrection>> take_learnt() {
    return std::exchange(learnt_, {});
  }
  [[nodiscard]] bool has_learnt() const { return !learnt_.empty(); }

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t contested() const { return contested_.size() + rotating_.contested(); }
  // Those that are tried, and those beyond the bound. When one goes, one of the others takes its place.
  [[nodiscard]] std::size_t irks() const { return std::min(irks_.size(), rules_.most_irks); }
  [[nodiscard]] std::size_t irks_refused() const { return irks_.size() - irks(); }
  [[nodiscard]] std::size_t memory() const;

 private:
  struct Finding {
    Recognition recognition;
    std::uint32_t until = 0;  // the second at which to look anew
  };

  [[nodiscard]] Fingerprint fingerprint_of(const Advertisement& heard) const;
  [[nodiscard]] Fingerprint fingerprint_of(const Identifier& identifier) const;
  [[nodiscard]] Finding look_up(const Advertisement& heard);
  void try_frame(const Frame& frame, WallTime now, Finding& finding);
  void try_fixed(const Identifier& identifier, Finding& finding) const;
  void try_code(const RotatingIdentities::Code& code, WallTime now, Finding& finding);
  void try_irks(const Address& address, std::uint32_t now, Finding& finding);
  void add_irk(const Key128& key, const Identity& identity);
  void collect_services();
  [[nodiscard]] bool claimed_twice(Fingerprint fingerprint) const;

  IdentityRules rules_;
  Fingerprinter fingerprinter_;
  std::vector<Uuid> services_;
  FingerprintTable table_;
  RotatingIdentities rotating_;
  // Entries of the table by kind: what nobody has is not looked up.
  std::array<std::size_t, static_cast<std::size_t>(IdentifierKind::address) + 1> lasting_{};
  std::unordered_set<Fingerprint> contested_;        // of lasting identifiers
  std::unordered_set<Fingerprint> crowded_;          // claimed by so many that not all of them are in the table
  std::vector<Key128> irks_;                         // the first `most_irks` of them are tried
  std::vector<FingerprintTable::Value> irk_owners_;  // parallel; values as in the table
  RecentAnswers repeats_;
  RecentAnswers addresses_;  // tried against the IRKs
  bool repeats_stale_ = false;
  bool addresses_stale_ = false;
  std::vector<std::pair<ShopperNumber, ClockCorrection>> learnt_;
};

// The lasting identifiers of an identity; rotating ones have their own way.
[[nodiscard]] std::vector<Identifier> lasting_identifiers(const Identity& identity);

}  // namespace beacon_gateway
