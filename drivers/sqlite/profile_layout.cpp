#include "drivers/sqlite/profile_layout.hpp"

#include "core/identity/identity.hpp"

namespace beacon_gateway::sqlite {
namespace {

// Bodies stand apart so that a start, which reads all identities, does not read them.
// A number is never given twice (AUTOINCREMENT).
// staged: the full set that is coming in. No record: what is held stays.
// passed_over: erased without a tombstone while a set is staged; the set does not bring them back.
constexpr const char* kProfiles = R"sql(
  CREATE TABLE records (
    record   INTEGER PRIMARY KEY,
    shopper  BLOB NOT NULL,
    identity BLOB NOT NULL
  ) STRICT;
  CREATE TABLE bodies (
    record    INTEGER PRIMARY KEY REFERENCES records ON DELETE CASCADE,
    pseudonym BLOB NOT NULL,
    body      BLOB NOT NULL
  ) STRICT;
  CREATE TABLE day_keys (
    record   INTEGER NOT NULL REFERENCES records ON DELETE CASCADE,
    position INTEGER NOT NULL,
    item     INTEGER NOT NULL,
    day      INTEGER NOT NULL,
    key      BLOB NOT NULL,
    PRIMARY KEY (record, position, item)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE corrections (
    record     INTEGER NOT NULL REFERENCES records ON DELETE CASCADE,
    identifier INTEGER NOT NULL,
    ahead_s    INTEGER NOT NULL,
    learnt_at  INTEGER NOT NULL,
    PRIMARY KEY (record, identifier)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE profiles (
    number  INTEGER PRIMARY KEY AUTOINCREMENT CHECK (number <= 134217727),
    shopper BLOB NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    record  INTEGER NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE staged (
    shopper BLOB PRIMARY KEY,
    version INTEGER NOT NULL,
    record  INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE staged_parts (part INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE passed_over (shopper BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE tombstones (
    shopper   BLOB PRIMARY KEY,
    version   INTEGER NOT NULL,
    erased_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE erasures (
    shopper      BLOB NOT NULL UNIQUE,
    pseudonym    BLOB NOT NULL,
    version      INTEGER NOT NULL,
    tombstone_at INTEGER
  ) STRICT;
)sql";
// From schema 3 on. One row at most.
constexpr const char* kCampaignTable = R"sql(
  CREATE TABLE campaigns (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    body    BLOB NOT NULL
  ) STRICT;
)sql";
static_assert(kMostShoppers == 134'217'727, "the CHECK of profiles.number says so, too");

void upgrade_to_3(SealedDatabase& database) {
  database.execute(kCampaignTable);
}

constexpr std::string_view kStaffMark = " staff";
constexpr std::string_view kTestMark = " test";

bool take_mark(std::string_view& text, std::string_view mark) {
  if (!text.ends_with(mark)) return false;
  text.remove_suffix(mark.size());
  return true;
}

}  // namespace

std::string to_text(const Pseudonym& pseudonym) {
  std::string text = pseudonym.shopper_id.value();
  if (pseudonym.staff) text += kStaffMark;
  if (pseudonym.test) text += kTestMark;
  return text;
}

std::optional<Pseudonym> pseudonym_from(std::string_view text) {
  const bool test = take_mark(text, kTestMark);
  const bool staff = take_mark(text, kStaffMark);
  auto shopper = ShopperId::parse(text);
  if (!shopper) return std::nullopt;
  return Pseudonym{*std::move(shopper), staff, test};
}

const StoreLayout& profile_layout() {
  static const std::string schema = std::string{kProfiles} + kCampaignTable;
  static const StoreLayout layout{
      "profiles",
      schema.c_str(),
      {"UPDATE records SET identity = reseal(identity, 'records.identity', shopper)",
       "UPDATE bodies SET"
       " pseudonym = reseal(pseudonym, 'pseudonym', (SELECT shopper FROM records r WHERE r.record = bodies.record)),"
       " body = reseal(body, 'bodies.body', (SELECT shopper FROM records r WHERE r.record = bodies.record))",
       "UPDATE day_keys SET key = reseal(key, 'day_keys.key',"
       " (SELECT shopper FROM records r WHERE r.record = day_keys.record), position, item, day)",
       "UPDATE erasures SET pseudonym = reseal(pseudonym, 'pseudonym', shopper)",
       "UPDATE campaigns SET body = reseal(body, 'campaigns.body', version)"},
      "The orchestrator sends all profiles again, or `beacon-gateway profiles import` reads them from a file",
      {upgrade_to_3}};
  return layout;
}

}  // namespace beacon_gateway::sqlite
