// The full set of SqliteProfileStore: how it is staged, and how it comes into force.
#include <cassert>

#include "drivers/sqlite/sqlite_profile_store.hpp"

namespace beacon_gateway::sqlite {

bool SqliteProfileStore::stage(const FullSetPart& part, std::span<const Profile> profiles,
                               std::span<const ShopperId> kept) {
  assert(part.part >= 1 && part.part <= part.parts);
  if (database_.fact("staged_revision").value_or(part.revision) > part.revision) return false;
  std::int64_t staged_parts = 0;
  database_.within_transaction([&] {
    if (database_.fact("staged_revision") != part.revision || database_.fact("staged_parts") != part.parts) {
      let_go_of_staged();
      database_.set_fact("staged_revision", part.revision);
      database_.set_fact("staged_parts", part.parts);
    }
    for (const Profile& profile : profiles) stage_one(profile);
    // As a version that is never news. Where another part has a profile of her, that one counts.
    for (const ShopperId& one : kept)
      database_.prepare("INSERT OR IGNORE INTO staged VALUES (?, 0, NULL)")
          .with(Octets{database_.hash(one.value())})
          .run();
    database_.prepare("INSERT OR IGNORE INTO staged_parts VALUES (?)").with(std::int64_t{part.part}).run();
    database_.prepare("SELECT count(*) FROM staged_parts").run([&](Statement& row) { staged_parts = row.integer(0); });
  });
  return staged_parts == part.parts;
}

void SqliteProfileStore::stage_one(const Profile& profile) {
  const std::string shopper = database_.hash(profile.shopper_id.value());
  // A part that comes twice replaces itself.
  database_.prepare("DELETE FROM records WHERE record = (SELECT record FROM staged WHERE shopper = ?)")
      .with(Octets{shopper})
      .run();
  const bool is_news = version_of(shopper).value_or(-1) < profile.version;  // no version is negative
  const auto record = is_news ? std::optional{write_record(shopper, profile)} : std::nullopt;
  database_.prepare("INSERT OR REPLACE INTO staged VALUES (?, ?, ?)")
      .with(Octets{shopper}, profile.version, record)
      .run();
}

void SqliteProfileStore::let_go_of_staged() {
  for (const char* sql : {"DELETE FROM records WHERE record IN (SELECT record FROM staged)", "DELETE FROM staged",
                          "DELETE FROM staged_parts", "DELETE FROM passed_over",
                          "DELETE FROM facts WHERE name LIKE 'staged@_%' ESCAPE '@'"})
    database_.prepare(sql).run();
}

FullSetOutcome SqliteProfileStore::use_staged() {
  FullSetOutcome outcome;
  database_.transact([&] {
    drop_passed_over_from_staged();
    outcome.removed = remove_all_but_staged();
    // Held in a version as new: what is held stays. Versions may have come between staging and now.
    for (const char* sql :
         {"DELETE FROM records WHERE record IN"
          " (SELECT s.record FROM staged s JOIN profiles p USING (shopper) WHERE p.version >= s.version)",
          "DELETE FROM staged WHERE shopper IN"
          " (SELECT s.shopper FROM staged s JOIN profiles p USING (shopper) WHERE p.version >= s.version)"})
      database_.prepare(sql).run();
    outcome.unchanged = static_cast<int>(database_.changes());
    outcome.changed = take_over_staged();
    let_go_of_staged();
  });
  return outcome;
}

void SqliteProfileStore::drop_passed_over_from_staged() {
  for (const char* sql :
       {"DELETE FROM records WHERE record IN (SELECT record FROM staged JOIN passed_over USING (shopper))",
        "DELETE FROM staged WHERE shopper IN (SELECT shopper FROM passed_over)"})
    database_.prepare(sql).run();
}

int SqliteProfileStore::remove_all_but_staged() {
  for (const char* sql : {"INSERT INTO erasures SELECT p.shopper, b.pseudonym, p.version, NULL FROM profiles p JOIN "
                          "bodies b USING (record)"
                          " WHERE p.shopper NOT IN (SELECT shopper FROM staged)"
                          " ON CONFLICT (shopper) DO UPDATE SET pseudonym = excluded.pseudonym,"
                          " version = max(version, excluded.version)",
                          "DELETE FROM records WHERE record IN"
                          " (SELECT record FROM profiles WHERE shopper NOT IN (SELECT shopper FROM staged))",
                          "DELETE FROM profiles WHERE shopper NOT IN (SELECT shopper FROM staged)"})
    database_.prepare(sql).run();
  return static_cast<int>(database_.changes());
}

// What is left in `staged` is new or newer, or was to be kept and is not held: profiles point at the staged records,
// and those they pointed at go.
std::vector<ShopperId> SqliteProfileStore::take_over_staged() {
  std::vector<ShopperId> changed;
  database_.prepare("SELECT s.shopper, b.pseudonym, s.record FROM staged s JOIN bodies b USING (record)")
      .run([&](Statement& row) { changed.push_back(read_pseudonym(row, "bodies.pseudonym").shopper_id); });
  constexpr const char* kTakeNewcomers =
      "INSERT INTO profiles (shopper, version, record) SELECT shopper, version, record FROM staged"
      " WHERE record IS NOT NULL AND shopper NOT IN (SELECT shopper FROM profiles)";
  for (const char* sql :
       {"DELETE FROM records WHERE record IN (SELECT p.record FROM profiles p JOIN staged s USING (shopper))",
        // Only who is new takes a number, see `put`.
        "UPDATE profiles SET version = s.version, record = s.record FROM staged s WHERE s.shopper = profiles.shopper",
        kTakeNewcomers,  //
        "DELETE FROM tombstones WHERE shopper IN (SELECT shopper FROM staged WHERE record IS NOT NULL)",
        "DELETE FROM staged"})
    database_.prepare(sql).run();
  return changed;
}

}  // namespace beacon_gateway::sqlite
