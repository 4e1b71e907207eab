// Erasures and tombstones of SqliteProfileStore.
#include "drivers/sqlite/profile_layout.hpp"
#include "drivers/sqlite/sqlite_profile_store.hpp"

namespace beacon_gateway::sqlite {
namespace {

std::int64_t micros(WallTime at) {
  return at.time_since_epoch().count();
}
std::optional<std::int64_t> micros(std::optional<WallTime> at) {
  return at ? std::optional{micros(*at)} : std::nullopt;
}
WallTime from_micros(std::int64_t value) {
  return WallTime{Duration{value}};
}

}  // namespace

void SqliteProfileStore::erase(std::span<const ShopperId> shoppers, std::optional<WallTime> tombstone_at) {
  database_.within_transaction([&] {
    for (const ShopperId& shopper : shoppers) erase_one(shopper, tombstone_at);
  });
}

void SqliteProfileStore::erase_one(const ShopperId& shopper, std::optional<WallTime> tombstone_at) {
  const std::string hash = database_.hash(shopper.value());
  const std::int64_t held = version_of(hash).value_or(0);
  for (const char* sql :
       {"DELETE FROM records WHERE record IN"
        " (SELECT record FROM profiles WHERE shopper = ?1 UNION ALL SELECT record FROM staged WHERE shopper = ?1)",
        "DELETE FROM profiles WHERE shopper = ?", "DELETE FROM staged WHERE shopper = ?",
        // A part of the set that comes only now, or again, must not bring her back either.
        "INSERT OR IGNORE INTO passed_over SELECT ? WHERE EXISTS (SELECT 1 FROM staged_parts)"})
    database_.prepare(sql).with(Octets{hash}).run();
  // An erasure that comes twice finds nothing the second time: what the first one found counts.
  if (tombstone_at)
    database_
        .prepare(
            "INSERT INTO tombstones VALUES (?, ?, ?) ON CONFLICT (shopper) DO UPDATE SET"
            " version = max(version, excluded.version), erased_at = max(erased_at, excluded.erased_at)")
        .with(Octets{hash}, held, micros(*tombstone_at))
        .run();
  database_
      .prepare(
          "INSERT INTO erasures VALUES (?, ?, ?, ?) ON CONFLICT (shopper) DO UPDATE SET"
          " version = max(version, excluded.version), tombstone_at = coalesce(tombstone_at, excluded.tombstone_at)")
      .with(Octets{hash}, Octets{database_.seal(kPseudonym, hash, shopper.value())}, held, micros(tombstone_at))
      .run();
}

std::vector<UnfinishedErasure> SqliteProfileStore::unfinished_erasures() {
  std::vector<UnfinishedErasure> result;
  database_.prepare("SELECT shopper, pseudonym, rowid, version, tombstone_at FROM erasures ORDER BY rowid")
      .run([&](Statement& row) {
        result.push_back({read_pseudonym(row, "erasures.pseudonym"), row.integer(3),
                          row.is_null(4) ? std::nullopt : std::optional{from_micros(row.integer(4))}});
      });
  return result;
}

// shopper, pseudonym, number of the row
ShopperId SqliteProfileStore::read_pseudonym(const Statement& row, std::string_view place) {
  const auto text = database_.try_open(kPseudonym, row.octets(0), row.octets(1));
  auto shopper = text ? ShopperId::parse(*text) : std::nullopt;
  if (!shopper) database_.fail_damaged(place, row.integer(2));
  return *std::move(shopper);
}

void SqliteProfileStore::finish_erasures() {
  database_.prepare("DELETE FROM erasures").run();
  database_.truncate_log();
}

std::optional<Tombstone> SqliteProfileStore::tombstone(const ShopperId& shopper) {
  std::optional<Tombstone> result;
  database_.prepare("SELECT version, erased_at FROM tombstones WHERE shopper = ?")
      .with(Octets{database_.hash(shopper.value())})
      .run([&](Statement& row) { result = Tombstone{row.integer(0), from_micros(row.integer(1))}; });
  return result;
}

}  // namespace beacon_gateway::sqlite
