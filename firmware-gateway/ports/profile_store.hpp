// What we ask of the place where profiles lie: bodies stay there, only what recognising needs is held in memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/campaign_set.hpp"
#include "core/identity/identity.hpp"
#include "core/profile.hpp"

namespace beacon_gateway {

struct StoredProfile {
  ShopperNumber number = 0;
  Profile profile;
};

// What is left of a person who was erased, under a keyed hash of the pseudonym: enough to know her should a late sync
// bring her back, and nothing else.
struct Tombstone {
  std::int64_t version = 0;  // held when erased; 0: nothing was held
  WallTime erased_at{};
  friend bool operator==(const Tombstone&, const Tombstone&) = default;
};

struct UnfinishedErasure {
  ShopperId shopper_id;
  std::int64_t version = 0;  // held when erased; 0: nothing was held
  std::optional<WallTime> tombstone_at;
  bool staff = false;  // of the profile that was held
  bool test = false;
};

// How far the orchestrator's word has come.
struct OrchestratorWord {
  std::int64_t revision = 0;  // of the profiles, applied without a gap
  std::optional<WallTime>
      heard_at;  // the newest word that counts for the consent lease: signed message or local import
  friend bool operator==(const OrchestratorWord&, const OrchestratorWord&) = default;
};

// Where in a full set a message stands; from 1.
struct FullSetPart {
  std::int64_t revision = 0;
  int part = 1;
  int parts = 1;
  friend bool operator==(const FullSetPart&, const FullSetPart&) = default;
};

// What putting a full set in force has changed.
struct FullSetOutcome {
  int removed = 0;                 // held before and not in the set
  std::vector<ShopperId> changed;  // new, or of a higher version than the one held
  int unchanged = 0;
};

// One thread. A disk that fails is an exception: without its profiles the gateway cannot know who agreed to what.
class ProfileStore {
 public:
  virtual ~ProfileStore() = default;

  [[nodiscard]] virtual std::optional<StoredProfile> find(ShopperNumber number) = 0;
  [[nodiscard]] virtual std::optional<StoredProfile> find(const ShopperId& shopper) = 0;
  // The version held, without reading the profile.
  [[nodiscard]] virtual std::optional<std::int64_t> version(const ShopperId& shopper) = 0;

  // Adds or replaces; the number of a shopper stays, and so do clock corrections of identifiers that stay. A tombstone
  // goes.
  virtual ShopperNumber put(const Profile& profile) = 0;

  // Forgets the persons, in what is staged too. With `tombstone_at`, a tombstone is left for each, held or not; where
  // one lies already and nothing is held, nothing happens at all: the erasure came twice. They stand as unfinished
  // erasures, with their pseudonyms, until `finish_erasures`: the journey has to forget them too, and a crash in
  // between must not leave that undone.
  virtual void erase(std::span<const ShopperId> shoppers, std::optional<WallTime> tombstone_at) = 0;
  [[nodiscard]] virtual std::vector<UnfinishedErasure> unfinished_erasures() = 0;
  // Nothing of them is on disk when this returns, in the log neither. Not inside `transact`.
  virtual void finish_erasures() = 0;
  [[nodiscard]] virtual std::optional<Tombstone> tombstone(const ShopperId& shopper) = 0;

  // In no order.
  virtual void for_each(const std::function<void(const StoredProfile&)>& visit) = 0;
  // The same without bodies, as fast as the disk gives it: a start waits for this.
  virtual void for_each_identity(const std::function<void(const Identity&)>& visit) = 0;
  [[nodiscard]] virtual std::optional<Identity> identity(ShopperNumber number) = 0;

  virtual void save_correction(ShopperNumber number, const ClockCorrection& correction) = 0;

  // Deletes, from disk too: rolling-token keys of days before `keys`, and tombstones of persons erased before
  // `tombstones`.
  virtual void forget_before(std::chrono::sys_days keys, WallTime tombstones) = 0;

  [[nodiscard]] virtual OrchestratorWord word() = 0;
  virtual void save_word(const OrchestratorWord& word) = 0;
  // The highest sequence number that a signed message of this topic had; a lower or equal one is a repeat. 0 at first.
  [[nodiscard]] virtual std::int64_t newest_signed(int topic) = 0;
  virtual void save_newest_signed(int topic, std::int64_t sequence) = 0;

  // The newest set of campaigns that was taken, also one that takes the set back; nothing before the first.
  [[nodiscard]] virtual std::optional<CampaignSet> campaigns() = 0;
  virtual void save_campaigns(const CampaignSet& set) = 0;

  // A full set comes in parts, in any order, and serves nobody before its last. Profiles of another revision than the
  // one being staged are let go of. True once all parts are in: `use_staged` may be called.
  // `kept`: persons of this part whose profile cannot be read; what is held of them stays. Parts of an older revision
  // than the one being staged are passed over. `save_word` with a higher revision lets go of what is staged.
  [[nodiscard]] virtual bool stage(const FullSetPart& part, std::span<const Profile> profiles,
                                   std::span<const ShopperId> kept) = 0;
  // Puts the staged set in force, in one transaction of its own. What it removes stands as unfinished erasures, without
  // tombstones: the orchestrator may bring these persons back.
  [[nodiscard]] virtual FullSetOutcome use_staged() = 0;

  // Everything that `work` writes happens, or nothing. Not nested.
  virtual void transact(const std::function<void()>& work) = 0;
};

}  // namespace beacon_gateway
