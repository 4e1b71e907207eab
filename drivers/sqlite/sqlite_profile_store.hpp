// Profiles in one SQLite file, sealed: shoppers are keyed hashes, what is known of them lies in records.
//
// A record is what one version of a profile holds: identity, body and day keys, sealed under the shopper's hash. A
// profile points at its record, and so does a staged one: to put a full set in force moves pointers, not bodies, so
// that it takes a moment even on a memory card.
#pragma once

#include <filesystem>

#include "drivers/sqlite/profile_layout.hpp"
#include "drivers/sqlite/sealed_database.hpp"
#include "ports/profile_store.hpp"

namespace beacon_gateway::sqlite {

class SqliteProfileStore final : public ProfileStore {
 public:
  // Opens or makes the file; ":memory:" for none. Throws DatabaseError.
  explicit SqliteProfileStore(const std::filesystem::path& path, const StoreSeal& seal = {});

  // Whether opening sealed it anew, under the present key.
  [[nodiscard]] bool rekeyed() const { return database_.rekeyed(); }

  [[nodiscard]] std::optional<StoredProfile> find(ShopperNumber number) override;
  [[nodiscard]] std::optional<StoredProfile> find(const ShopperId& shopper) override;
  [[nodiscard]] std::optional<std::int64_t> version(const ShopperId& shopper) override;
  ShopperNumber put(const Profile& profile) override;
  void erase(std::span<const ShopperId> shoppers, std::optional<WallTime> tombstone_at) override;
  [[nodiscard]] std::vector<UnfinishedErasure> unfinished_erasures() override;
  void finish_erasures() override;
  [[nodiscard]] std::optional<Tombstone> tombstone(const ShopperId& shopper) override;
  void for_each(const std::function<void(const StoredProfile&)>& visit) override;
  void for_each_identity(const std::function<void(const Identity&)>& visit) override;
  [[nodiscard]] std::optional<Identity> identity(ShopperNumber number) override;
  void save_correction(ShopperNumber number, const ClockCorrection& correction) override;
  void forget_before(std::chrono::sys_days keys, WallTime tombstones) override;
  [[nodiscard]] OrchestratorWord word() override;
  void save_word(const OrchestratorWord& word) override;
  [[nodiscard]] std::int64_t newest_signed(int topic) override;
  void save_newest_signed(int topic, std::int64_t sequence) override;
  [[nodiscard]] std::optional<CampaignSet> campaigns() override;
  void save_campaigns(const CampaignSet& set) override;
  [[nodiscard]] bool stage(const FullSetPart& part, std::span<const Profile> profiles,
                           std::span<const ShopperId> kept) override;
  [[nodiscard]] FullSetOutcome use_staged() override;
  void transact(const std::function<void()>& work) override;

 private:
  // Answers the record's number. `shopper`: the hash.
  std::int64_t write_record(std::string_view shopper, const Profile& profile);
  void carry_corrections(std::string_view shopper, std::int64_t record,
                         const std::vector<ProfileIdentifier>& identifiers);
  [[nodiscard]] std::optional<std::int64_t> version_of(std::string_view shopper);
  [[nodiscard]] StoredProfile read_profile(const Statement& row);
  [[nodiscard]] Identity read_identity(const Statement& row);
  [[nodiscard]] Pseudonym read_pseudonym(const Statement& row, std::string_view place);
  // One row of day_keys: adds the key to its token.
  void add_day_key(const Statement& row, std::string_view shopper, ShopperNumber number,
                   std::vector<ProfileIdentifier>& identifiers);
  void add_day_keys(std::int64_t record, std::string_view shopper, ShopperNumber number,
                    std::vector<ProfileIdentifier>& identifiers);
  void erase_one(const ShopperId& shopper, std::optional<WallTime> tombstone_at);
  [[nodiscard]] bool was_erased_before(std::string_view shopper);
  void note_erasure(const ShopperId& shopper, std::string_view hash, std::optional<WallTime> tombstone_at);
  void stage_one(const Profile& profile);
  void let_go_of_staged();
  // The steps of use_staged.
  void drop_passed_over_from_staged();
  [[nodiscard]] int remove_all_but_staged();
  [[nodiscard]] std::vector<ShopperId> take_over_staged();

  SealedDatabase database_;
};

}  // namespace beacon_gateway::sqlite
