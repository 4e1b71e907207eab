// Identifier -> shopper, for all opted-in shoppers. Open addressing over one array: one hash and, on average, little
// more than one probe, whether or not the identifier is known, and whatever the number of profiles.
//
// An identifier that two shoppers claim matches neither until one of them lets go of it.
// Not thread-safe: it belongs to the thread that owns the gateway's state.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/identity/identifier.hpp"
#include "core/identity/identity.hpp"
#include "core/profile.hpp"

namespace beacon_gateway {

class IdentityIndex {
 public:
  enum class Found : std::uint8_t { unknown, contested, no_live_consent, staff, match };
  struct Answer {
    Found found = Found::unknown;
    ShopperNumber shopper = 0;  // of a match
  };

  // Adds every static identifier of the profile. The profile must not be in the index already.
  void add(ShopperNumber shopper, const Profile& profile);
  // Takes out what `add` of the same profile put in.
  void remove(ShopperNumber shopper, const Profile& profile);

  // Live is judged by the span from the first grant to the last expiry; the profile itself is asked before anything is
  // decided. Answers `no_live_consent` outside the span: such a shopper is not even matched. Staff are recognised so
  // that they are not taken for strangers, and are followed nowhere.
  [[nodiscard]] Answer find(const Identifier& identifier, WallTime now) const;

  [[nodiscard]] std::size_t size() const { return used_; }
  [[nodiscard]] std::size_t contested() const { return claims_.size(); }

 private:
  struct Slot {
    Identifier identifier;
    ShopperNumber shopper = kEmpty;
    std::uint32_t live_from = 0;   // unix seconds, inclusive
    std::uint32_t live_until = 0;  // unix seconds, exclusive; the largest value: for ever
    bool staff = false;
  };
  static constexpr ShopperNumber kEmpty = 0xFFFFFFFF;
  static constexpr ShopperNumber kContested = 0xFFFFFFFE;

  void insert(const Slot& slot);
  void erase(const Identifier& identifier, ShopperNumber shopper);
  [[nodiscard]] std::size_t position(const Identifier& identifier) const;
  void take_out(std::size_t hole);
  void grow();

  std::vector<Slot> slots_;  // size is 0 or a power of two
  std::size_t used_ = 0;
  struct Order {
    bool operator()(const Identifier& a, const Identifier& b) const;
  };
  std::map<Identifier, std::vector<Slot>, Order> claims_;  // of contested identifiers; rare
};

// The static identifiers of a profile; rotating ones come from their own resolvers.
[[nodiscard]] std::vector<Identifier> static_identifiers(const Profile& profile);

}  // namespace beacon_gateway
