#include "drivers/sqlite/sqlite_profile_store.hpp"

#include <fmt/format.h>

#include "messages/profile_json.hpp"

namespace beacon_gateway::sqlite {
namespace {

constexpr const char* kFirstSchema = R"sql(
  CREATE TABLE profiles (
    number     INTEGER PRIMARY KEY,
    shopper_id TEXT NOT NULL UNIQUE,
    body       TEXT NOT NULL
  ) STRICT;
)sql";

// number, body
StoredProfile read(const Statement& row) {
  // What was kept went through the privacy filter when it was stored; all of it is ours to read back.
  auto profile = stored_profile_from_json(row.text(1));
  if (!profile) throw DatabaseError(fmt::format("stored profile {}: {}", row.integer(0), profile.error().text));
  return {static_cast<ShopperNumber>(row.integer(0)), std::move(*profile)};
}

}  // namespace

SqliteProfileStore::SqliteProfileStore(const std::filesystem::path& path) : database_(path) {
  database_.migrate({kFirstSchema});
}

std::optional<StoredProfile> SqliteProfileStore::find(ShopperNumber number) {
  std::optional<StoredProfile> result;
  database_.prepare("SELECT number, body FROM profiles WHERE number = ?").bind(1, number).run([&](Statement& row) {
    result = read(row);
  });
  return result;
}

std::optional<StoredProfile> SqliteProfileStore::find(const ShopperId& shopper) {
  std::optional<StoredProfile> result;
  database_.prepare("SELECT number, body FROM profiles WHERE shopper_id = ?")
      .bind(1, shopper.value())
      .run([&](Statement& row) { result = read(row); });
  return result;
}

ShopperNumber SqliteProfileStore::put(const Profile& profile) {
  ShopperNumber number = 0;
  database_
      .prepare(
          "INSERT INTO profiles (shopper_id, body) VALUES (?, ?)"
          " ON CONFLICT (shopper_id) DO UPDATE SET body = excluded.body RETURNING number")
      .bind(1, profile.shopper_id.value())
      .bind(2, profile_to_json(profile))
      .run([&](Statement& row) { number = static_cast<ShopperNumber>(row.integer(0)); });
  return number;
}

void SqliteProfileStore::erase(const ShopperId& shopper) {
  database_.prepare("DELETE FROM profiles WHERE shopper_id = ?").bind(1, shopper.value()).run();
  if (!database_.in_transaction()) database_.truncate_log();
}

void SqliteProfileStore::for_each(const std::function<void(const StoredProfile&)>& visit) {
  database_.prepare("SELECT number, body FROM profiles ORDER BY shopper_id").run([&](Statement& row) {
    visit(read(row));
  });
}

void SqliteProfileStore::transact(const std::function<void()>& work) {
  database_.transact(work);
}

}  // namespace beacon_gateway::sqlite
