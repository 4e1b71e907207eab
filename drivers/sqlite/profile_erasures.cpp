// Erasures and tombstones of SqliteProfileStore.
#include "drivers/sqlite/quarantine.hpp"
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
  if (was_erased_before(hash)) return;
  if (tombstone_at)
    database_
        .prepare(
            "INSERT INTO tombstones VALUES (?, ?, ?) ON CONFLICT (shopper) DO UPDATE SET"
            " version = max(version, excluded.version), erased_at = excluded.erased_at")
        .with(Octets{hash}, version_of(hash).value_or(0), micros(*tombstone_at))
        .run();
  note_erasure(shopper, hash, tombstone_at);
  for (const char* sql :
       {"DELETE FROM records WHERE record IN"
        " (SELECT record FROM profiles WHERE shopper = ?1 UNION ALL SELECT record FROM staged WHERE shopper = ?1)",
        "DELETE FROM profiles WHERE shopper = ?", "DELETE FROM staged WHERE shopper = ?",
        // A part of the set that comes only now, or again, must not bring her back either. By a tombstone the gateway
        // judges that itself.
        tombstone_at ? "DELETE FROM passed_over WHERE shopper = ?"
                     : "INSERT OR IGNORE INTO passed_over SELECT ? WHERE EXISTS (SELECT 1 FROM staged_parts)"})
    database_.prepare(sql).with(Octets{hash}).run();
}

// And nothing has come of her since. A staged profile has: it goes, and the tombstone becomes as new as this erasure,
// so that its part, delivered again, does not bring her back.
bool SqliteProfileStore::was_erased_before(std::string_view shopper) {
  return database_
      .prepare(
          "SELECT 1 FROM tombstones t WHERE t.shopper = ?1"
          " AND NOT EXISTS (SELECT 1 FROM profiles p WHERE p.shopper = ?1)"
          " AND NOT EXISTS (SELECT 1 FROM staged s WHERE s.shopper = ?1 AND s.record IS NOT NULL)")
      .with(Octets{shopper})
      .any();
}

void SqliteProfileStore::note_erasure(const ShopperId& shopper, std::string_view hash,
                                      std::optional<WallTime> tombstone_at) {
  // Who is noted already and not held any more keeps what the first erasure found.
  database_
      .prepare(
          "INSERT INTO erasures VALUES (?, ?, 0, ?) ON CONFLICT (shopper) DO UPDATE SET"
          " tombstone_at = coalesce(excluded.tombstone_at, tombstone_at)")
      .with(Octets{hash}, Octets{database_.seal(kPseudonym, hash, to_text({shopper}))}, micros(tombstone_at))
      .run();
  database_
      .prepare(
          "UPDATE erasures SET pseudonym = b.pseudonym, version = max(erasures.version, p.version)"
          " FROM profiles p JOIN bodies b USING (record) WHERE p.shopper = ?1 AND erasures.shopper = ?1")
      .with(Octets{hash})
      .run();
}

std::vector<UnfinishedErasure> SqliteProfileStore::unfinished_erasures() {
  std::vector<UnfinishedErasure> result;
  database_.prepare("SELECT shopper, pseudonym, rowid, version, tombstone_at FROM erasures ORDER BY rowid")
      .run([&](Statement& row) {
        Pseudonym who = read_pseudonym(row, "erasures.pseudonym");
        result.push_back({std::move(who.shopper_id), row.integer(3),
                          row.is_null(4) ? std::nullopt : std::optional{from_micros(row.integer(4))}, who.staff,
                          who.test});
      });
  return result;
}

// shopper, pseudonym, number of the row
Pseudonym SqliteProfileStore::read_pseudonym(const Statement& row, std::string_view place) {
  const auto text = database_.try_open(kPseudonym, row.octets(0), row.octets(1));
  auto pseudonym = text ? pseudonym_from(*text) : std::nullopt;
  if (!pseudonym) database_.fail_damaged(place, row.integer(2));
  return *std::move(pseudonym);
}

void SqliteProfileStore::finish_erasures() {
  database_.prepare("DELETE FROM erasures").run();
  database_.truncate_log();
  remove_set_aside(database_.file());
}

std::optional<Tombstone> SqliteProfileStore::tombstone(const ShopperId& shopper) {
  std::optional<Tombstone> result;
  database_.prepare("SELECT version, erased_at FROM tombstones WHERE shopper = ?")
      .with(Octets{database_.hash(shopper.value())})
      .run([&](Statement& row) { result = Tombstone{row.integer(0), from_micros(row.integer(1))}; });
  return result;
}

}  // namespace beacon_gateway::sqlite
