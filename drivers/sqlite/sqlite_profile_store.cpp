#include "drivers/sqlite/sqlite_profile_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "messages/identity_octets.hpp"
#include "messages/profile_json.hpp"

namespace beacon_gateway::sqlite {
namespace {

std::int64_t micros(WallTime at) {
  return at.time_since_epoch().count();
}
WallTime from_micros(std::int64_t value) {
  return WallTime{Duration{value}};
}

ClockCorrection read_correction(const Statement& row) {
  return {static_cast<std::uint8_t>(row.integer(1)), static_cast<std::int32_t>(row.integer(2)),
          from_micros(row.integer(3))};
}

}  // namespace

SqliteProfileStore::SqliteProfileStore(const std::filesystem::path& path, const StoreSeal& seal)
    : database_(path, profile_layout(), seal) {}

std::optional<StoredProfile> SqliteProfileStore::find(ShopperNumber number) {
  std::optional<StoredProfile> result;
  database_
      .prepare(
          "SELECT p.number, p.record, p.shopper, b.body FROM profiles p JOIN bodies b USING (record) WHERE number = ?")
      .with(std::int64_t{number})
      .run([&](Statement& row) { result = read_profile(row); });
  return result;
}

std::optional<StoredProfile> SqliteProfileStore::find(const ShopperId& shopper) {
  std::optional<StoredProfile> result;
  database_
      .prepare(
          "SELECT p.number, p.record, p.shopper, b.body FROM profiles p JOIN bodies b USING (record) WHERE shopper = ?")
      .with(Octets{database_.hash(shopper.value())})
      .run([&](Statement& row) { result = read_profile(row); });
  return result;
}

void SqliteProfileStore::for_each(const std::function<void(const StoredProfile&)>& visit) {
  database_.prepare("SELECT p.number, p.record, p.shopper, b.body FROM profiles p JOIN bodies b USING (record)")
      .run([&](Statement& row) { visit(read_profile(row)); });
}

// number, record, shopper, body
StoredProfile SqliteProfileStore::read_profile(const Statement& row) {
  const auto number = static_cast<ShopperNumber>(row.integer(0));
  const std::string_view shopper = row.octets(2);
  // What was kept went through the privacy filter when it was stored; all of it is ours to read back.
  auto profile = stored_profile_from_json(database_.open(kBody, shopper, row.octets(3), number));
  if (!profile) throw DatabaseError(fmt::format("stored profile {}: {}", number, profile.error().text));
  add_day_keys(row.integer(1), shopper, number, profile->identifiers);
  return {number, *std::move(profile)};
}

std::optional<std::int64_t> SqliteProfileStore::version(const ShopperId& shopper) {
  return version_of(database_.hash(shopper.value()));
}

std::optional<std::int64_t> SqliteProfileStore::version_of(std::string_view shopper) {
  std::optional<std::int64_t> result;
  database_.prepare("SELECT version FROM profiles WHERE shopper = ?").with(Octets{shopper}).run([&](Statement& row) {
    result = row.integer(0);
  });
  return result;
}

ShopperNumber SqliteProfileStore::put(const Profile& profile) {
  ShopperNumber number = 0;
  database_.within_transaction([&] {
    const std::string shopper = database_.hash(profile.shopper_id.value());
    std::optional<std::int64_t> old;
    database_.prepare("SELECT record FROM profiles WHERE shopper = ?").with(Octets{shopper}).run([&](Statement& row) {
      old = row.integer(0);
    });
    const std::int64_t record = write_record(shopper, profile);
    // Not in one statement: an INSERT that becomes an UPDATE takes a number all the same, and no number comes twice.
    for (const char* sql : {"UPDATE profiles SET version = ?2, record = ?3 WHERE shopper = ?1 RETURNING number",
                            "INSERT INTO profiles (shopper, version, record) VALUES (?1, ?2, ?3) RETURNING number"})
      if (number == 0)
        database_.prepare(sql).with(Octets{shopper}, profile.version, record).run([&](Statement& row) {
          number = static_cast<ShopperNumber>(row.integer(0));
        });
    if (old) database_.prepare("DELETE FROM records WHERE record = ?").with(*old).run();
    database_.prepare("DELETE FROM tombstones WHERE shopper = ?").with(Octets{shopper}).run();
    database_.prepare("DELETE FROM passed_over WHERE shopper = ?").with(Octets{shopper}).run();
  });
  return number;
}

std::int64_t SqliteProfileStore::write_record(std::string_view shopper, const Profile& profile) {
  database_.prepare("INSERT INTO records (shopper, identity) VALUES (?, ?)")
      .with(Octets{shopper},
            Octets{database_.seal(kIdentity, shopper, identity_to_octets(profile.staff, profile.identifiers))})
      .run();
  const std::int64_t record = database_.last_insert_id();
  Profile without_keys = profile;
  for (std::size_t position = 0; position < without_keys.identifiers.size(); ++position) {
    auto* token = std::get_if<RollingTokenIdentifier>(&without_keys.identifiers[position]);
    if (token == nullptr) continue;
    std::int64_t item = 0;
    for (const auto& [day, key] : token->day_keys) {
      const auto at = static_cast<std::int64_t>(position);
      const std::int64_t days = day.time_since_epoch().count();
      const std::string_view plain{reinterpret_cast<const char*>(key.data()), key.size()};
      database_.prepare("INSERT INTO day_keys VALUES (?, ?, ?, ?, ?)")
          .with(record, at, item, days, Octets{database_.seal(kDayKey, row_key(shopper, {at, item, days}), plain)})
          .run();
      ++item;
    }
    token->day_keys.clear();
  }
  database_.prepare("INSERT INTO bodies VALUES (?, ?, ?)")
      .with(record,
            Octets{database_.seal(kPseudonym, shopper, to_text({profile.shopper_id, profile.staff, profile.test}))},
            Octets{database_.seal(kBody, shopper, profile_to_json(without_keys))})
      .run();
  carry_corrections(shopper, record, profile.identifiers);
  return record;
}

// What was learnt of a beacon's clock stays with the beacon, whatever else of the profile has changed.
void SqliteProfileStore::carry_corrections(std::string_view shopper, std::int64_t record,
                                           const std::vector<ProfileIdentifier>& identifiers) {
  const auto rotates = [](const ProfileIdentifier& one) { return std::holds_alternative<EddystoneEidIdentifier>(one); };
  if (std::ranges::none_of(identifiers, rotates)) return;
  std::optional<ShopperNumber> number;
  database_.prepare("SELECT number FROM profiles WHERE shopper = ?").with(Octets{shopper}).run([&](Statement& row) {
    number = static_cast<ShopperNumber>(row.integer(0));
  });
  const auto held = number ? identity(*number) : std::nullopt;
  if (!held) return;
  for (const ClockCorrection& correction : held->corrections) {
    if (correction.identifier >= held->identifiers.size()) continue;
    const auto same = std::ranges::find(identifiers, held->identifiers[correction.identifier]);
    if (same == identifiers.end()) continue;
    database_.prepare("INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?)")
        .with(record, std::int64_t{same - identifiers.begin()}, std::int64_t{correction.ahead_s},
              micros(correction.learnt_at))
        .run();
  }
}

// record, position, item, day, key
void SqliteProfileStore::add_day_key(const Statement& row, std::string_view shopper, ShopperNumber number,
                                     std::vector<ProfileIdentifier>& identifiers) {
  const std::int64_t position = row.integer(1);
  const std::int64_t day = row.integer(3);
  const std::string key =
      database_.open(kDayKey, row_key(shopper, {position, row.integer(2), day}), row.octets(4), number);
  RollingTokenIdentifier::DayKey result{std::chrono::sys_days{std::chrono::days{day}}, {}};
  auto* token = position < std::ssize(identifiers)
                    ? std::get_if<RollingTokenIdentifier>(&identifiers[static_cast<std::size_t>(position)])
                    : nullptr;
  if (token == nullptr || key.size() != result.key.size()) database_.fail_damaged(kDayKey, number);
  std::ranges::copy(key, result.key.data());
  token->day_keys.push_back(result);
}

void SqliteProfileStore::add_day_keys(std::int64_t record, std::string_view shopper, ShopperNumber number,
                                      std::vector<ProfileIdentifier>& identifiers) {
  database_.prepare("SELECT record, position, item, day, key FROM day_keys WHERE record = ? ORDER BY position, item")
      .with(record)
      .run([&](Statement& row) { add_day_key(row, shopper, number, identifiers); });
}

// record, shopper, identity, number
Identity SqliteProfileStore::read_identity(const Statement& row) {
  const std::int64_t number = row.integer(3);
  auto identity = identity_from_octets(database_.open(kIdentity, row.octets(1), row.octets(2), number));
  if (!identity) database_.fail_damaged(kIdentity, number);
  identity->number = static_cast<ShopperNumber>(number);
  return *std::move(identity);
}

// Three tables, each read once from end to end in the order of the records: no look-up a profile. Rows of records that
// are only staged are passed over.
void SqliteProfileStore::for_each_identity(const std::function<void(const Identity&)>& visit) {
  Rows identities{database_.prepare(
      "SELECT r.record, r.shopper, r.identity, p.number FROM records r CROSS JOIN profiles p ON p.record = r.record"
      " ORDER BY r.record")};
  Rows keys{database_.prepare("SELECT record, position, item, day, key FROM day_keys ORDER BY record, position, item")};
  Rows corrections{
      database_.prepare("SELECT record, identifier, ahead_s, learnt_at FROM corrections ORDER BY record, identifier")};
  bool more_keys = keys.next();
  bool more_corrections = corrections.next();
  while (identities.next()) {
    const std::int64_t record = identities->integer(0);
    const std::string_view shopper = identities->octets(1);
    Identity identity = read_identity(*identities);
    for (; more_keys && keys->integer(0) <= record; more_keys = keys.next())
      if (keys->integer(0) == record) add_day_key(*keys, shopper, identity.number, identity.identifiers);
    for (; more_corrections && corrections->integer(0) <= record; more_corrections = corrections.next())
      if (corrections->integer(0) == record) identity.corrections.push_back(read_correction(*corrections));
    visit(identity);
  }
}

std::optional<Identity> SqliteProfileStore::identity(ShopperNumber number) {
  std::optional<Identity> result;
  database_
      .prepare(
          "SELECT r.record, r.shopper, r.identity, p.number FROM profiles p JOIN records r USING (record)"
          " WHERE p.number = ?")
      .with(std::int64_t{number})
      .run([&](Statement& row) {
        result = read_identity(row);
        add_day_keys(row.integer(0), row.octets(1), number, result->identifiers);
      });
  database_
      .prepare(
          "SELECT record, identifier, ahead_s, learnt_at FROM corrections"
          " WHERE record = (SELECT record FROM profiles WHERE number = ?) ORDER BY identifier")
      .with(std::int64_t{number})
      .run([&](Statement& row) { result->corrections.push_back(read_correction(row)); });
  return result;
}

void SqliteProfileStore::save_correction(ShopperNumber number, const ClockCorrection& correction) {
  database_.prepare("INSERT OR REPLACE INTO corrections SELECT record, ?, ?, ? FROM profiles WHERE number = ?")
      .with(std::int64_t{correction.identifier}, std::int64_t{correction.ahead_s}, micros(correction.learnt_at),
            std::int64_t{number})
      .run();
}

void SqliteProfileStore::forget_before(std::chrono::sys_days keys, WallTime tombstones) {
  std::int64_t forgotten = 0;
  database_.within_transaction([&] {
    const std::int64_t day = keys.time_since_epoch().count();
    database_.prepare("DELETE FROM day_keys WHERE day < ?").with(day).run();
    forgotten = database_.changes();
    database_.prepare("DELETE FROM tombstones WHERE erased_at < ?").with(micros(tombstones)).run();
    forgotten += database_.changes();
  });
  if (forgotten > 0 && !database_.in_transaction()) database_.truncate_log();
}

OrchestratorWord SqliteProfileStore::word() {
  const auto heard_at = database_.fact("heard_at");
  return {database_.fact("revision").value_or(0), heard_at ? std::optional{from_micros(*heard_at)} : std::nullopt};
}

void SqliteProfileStore::save_word(const OrchestratorWord& word) {
  database_.within_transaction([&] {
    if (const auto staged = database_.fact("staged_revision"); staged && word.revision > *staged) let_go_of_staged();
    database_.set_fact("revision", word.revision);
    if (word.heard_at)
      database_.set_fact("heard_at", micros(*word.heard_at));
    else
      database_.prepare("DELETE FROM facts WHERE name = 'heard_at'").run();
  });
}

std::int64_t SqliteProfileStore::newest_signed(int topic) {
  return database_.fact(fmt::format("newest_signed/{}", topic)).value_or(0);
}

void SqliteProfileStore::save_newest_signed(int topic, std::int64_t sequence) {
  database_.set_fact(fmt::format("newest_signed/{}", topic), sequence);
}

std::optional<CampaignSet> SqliteProfileStore::campaigns() {
  std::optional<CampaignSet> result;
  database_.prepare("SELECT version, body FROM campaigns").run([&](Statement& row) {
    const std::int64_t version = row.integer(0);
    result = CampaignSet{version, database_.open(kCampaigns, row_key({}, {version}), row.octets(1), version)};
  });
  return result;
}

void SqliteProfileStore::save_campaigns(const CampaignSet& set) {
  database_.prepare("INSERT OR REPLACE INTO campaigns VALUES (1, ?, ?)")
      .with(set.version, Octets{database_.seal(kCampaigns, row_key({}, {set.version}), set.toml)})
      .run();
}

void SqliteProfileStore::transact(const std::function<void()>& work) {
  database_.transact(work);
}

}  // namespace beacon_gateway::sqlite
