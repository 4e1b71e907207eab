// Profiles in one SQLite file: their bodies as JSON, a number for each.
#pragma once

#include <filesystem>

#include "drivers/sqlite/database.hpp"
#include "ports/profile_store.hpp"

namespace beacon_gateway::sqlite {

class SqliteProfileStore final : public ProfileStore {
 public:
  // Opens or makes the file; ":memory:" for none. Throws DatabaseError.
  explicit SqliteProfileStore(const std::filesystem::path& path);

  [[nodiscard]] std::optional<StoredProfile> find(ShopperNumber number) override;
  [[nodiscard]] std::optional<StoredProfile> find(const ShopperId& shopper) override;
  ShopperNumber put(const Profile& profile) override;
  void erase(const ShopperId& shopper) override;
  void for_each(const std::function<void(const StoredProfile&)>& visit) override;
  void transact(const std::function<void()>& work) override;

 private:
  Database database_;
};

}  // namespace beacon_gateway::sqlite
