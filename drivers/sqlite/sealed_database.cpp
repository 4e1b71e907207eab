#include "drivers/sqlite/sealed_database.hpp"

#include <fmt/format.h>

#include "core/digest.hpp"
#include "drivers/sqlite/quarantine.hpp"

namespace beacon_gateway::sqlite {
namespace {

constexpr std::int64_t kFirstSchema = 2;  // the one before was in clear; only trials made it

std::int64_t newest_schema(const StoreLayout& layout) {
  return kFirstSchema + static_cast<std::int64_t>(layout.upgrades.size());
}

// meta: data_key (absent in clear) and lookup_key, both sealed with the store key, or lookup_key in clear.
constexpr const char* kCommonSchema = R"sql(
  CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)sql";

std::string tables_of(Database& database) {
  std::string tables;
  database.prepare("SELECT type, name, ifnull(sql, '') FROM sqlite_master ORDER BY type, name")
      .run([&](Statement& row) {
        for (const int column : {0, 1, 2}) tables.append(row.text(column)).append("\n");
      });
  return tables;
}

struct Envelope {
  SecretKey data_key;
  SecretKey lookup_key;
};

// The store key seals only envelopes.
Seal envelope_seal(const StoreKey& key) {
  return {key, SecretKey{SecretKey::Value{}}};  // nothing is looked up by it
}

std::optional<Envelope> opened(const std::optional<StoreKey>& key, std::string_view store, std::string_view data_key,
                               std::string_view lookup_key) {
  if (!key) return std::nullopt;
  Seal seal = envelope_seal(*key);
  auto data = seal.open("meta.data_key", store, data_key);
  auto lookup = seal.open("meta.lookup_key", store, lookup_key);
  if (!data || !lookup) return std::nullopt;
  const auto data_octets = SecretKey::from(*std::move(data));
  const auto lookup_octets = SecretKey::from(*std::move(lookup));
  if (!data_octets || !lookup_octets) return std::nullopt;
  return Envelope{*data_octets, *lookup_octets};
}

}  // namespace

SealedDatabase::SealedDatabase(const std::filesystem::path& path, const StoreLayout& layout, const StoreSeal& seal)
    : database_(path) {
  const std::int64_t schema = database_.schema();
  compare_tables(layout, schema);
  const std::int64_t newest = newest_schema(layout);
  if (schema > newest)
    throw DatabaseError(
        fmt::format("{}: was written by a newer version of the gateway (schema {}, this one knows {});"
                    " install that version again, or move the file away. {}",
                    database_.file(), schema, newest, layout.remedy));
  if (schema != 0 && schema < kFirstSchema)
    throw DatabaseError(fmt::format("{}: was made by a trial version of the gateway, in clear; move it away. {}",
                                    database_.file(), layout.remedy));
  if (schema == 0)
    make(layout, seal);
  else
    open_envelope(layout, seal);
  if (schema != 0 && schema < newest) upgrade(layout, schema);
  database_.truncate_log();  // what was deleted just before the power went is gone from the log, too
}

void SealedDatabase::make(const StoreLayout& layout, const StoreSeal& seal) {
  const SecretKey data_key = SecretKey::random();
  const SecretKey lookup_key = SecretKey::random();
  database_.transact([&] {
    database_.execute(kCommonSchema);
    database_.execute(layout.schema);
    if (seal.key)
      write_envelope(layout, *seal.key, data_key, lookup_key);
    else
      set_meta("lookup_key", lookup_key.octets());
    note_schema(layout);
  });
  seal_.emplace(seal.key ? std::optional{data_key} : std::nullopt, lookup_key);
}

void SealedDatabase::upgrade(const StoreLayout& layout, std::int64_t from) {
  database_.transact([&] {
    for (auto step = static_cast<std::size_t>(from - kFirstSchema); step < layout.upgrades.size(); ++step)
      layout.upgrades[step](*this);
    note_schema(layout);
  });
}

// Twice, so that a flipped bit does not look like another version.
void SealedDatabase::note_schema(const StoreLayout& layout) {
  database_.set_schema(newest_schema(layout));
  set_fact("schema", newest_schema(layout));
}

// quick_check does not look at the words of the schema, nor at its number.
void SealedDatabase::compare_tables(const StoreLayout& layout, std::int64_t schema) {
  const std::string tables = tables_of(database_);
  if (schema == 0 && tables.empty()) return;  // a new file
  const auto damaged = [&] { throw DamagedFile(database_.file() + ": the description of its tables is damaged"); };
  const bool has_facts = prepare("SELECT 1 FROM sqlite_master WHERE name = 'facts'").any();
  const auto noted = has_facts ? fact("schema") : std::nullopt;
  if (schema == 0 || (noted && *noted != schema)) damaged();
  if (schema != newest_schema(layout)) return;
  Database model{":memory:"};
  model.execute(kCommonSchema);
  model.execute(layout.schema);
  if (tables != tables_of(model)) damaged();
}

// A read that fails for a moment is told in the same words as damage.
void SealedDatabase::quick_check() {
  constexpr int kTries = 4;
  std::string found;
  for (int i = 0; i < kTries; ++i) {
    prepare("PRAGMA quick_check(1)").run([&](Statement& row) { found = row.text(0); });
    if (found == "ok") return;
  }
  throw DamagedFile(database_.file() + ": " + found);
}

void SealedDatabase::open_envelope(const StoreLayout& layout, const StoreSeal& seal) {
  const std::string data_key = meta("data_key");
  const std::string lookup_key = meta("lookup_key");
  if (const std::string digest = meta("digest"); !digest.empty() && digest != whole_digest_hex({data_key, lookup_key}))
    fail_damaged("meta", 0);  // and not a wrong key
  const auto refuse = [&](std::string_view why) {
    quick_check();  // a damaged file must not be taken for one with another key
    throw DatabaseError(fmt::format("{}: {}", database_.file(), why));
  };
  if (data_key.empty()) {
    if (seal.key)
      refuse(
          "is not sealed, but has to be: it was made with `sealed = false`; move it away, and the gateway makes a "
          "sealed "
          "one");
    const auto key = SecretKey::from(lookup_key);
    if (!key) fail_damaged("meta.lookup_key", 0);
    seal_.emplace(std::nullopt, *key);
    return;
  }
  if (!seal.key)
    refuse(
        "is sealed, and no key was given: name it in [store] key_file or hand it over as the systemd credential "
        "store-key");
  if (const auto envelope = opened(seal.key, layout.name, data_key, lookup_key)) {
    seal_.emplace(envelope->data_key, envelope->lookup_key);
  } else if (const auto before = opened(seal.previous, layout.name, data_key, lookup_key)) {
    seal_.emplace(before->data_key, before->lookup_key);
    reseal(layout, *seal.key, before->lookup_key);
  } else {
    refuse(
        "is sealed with another key: give the one it was sealed with ([store] key_file or credential store-key), or "
        "that "
        "one as previous_key_file to change to the present one; if it is lost, so is the store: move it away and let "
        "the orchestrator send all profiles again");
  }
}

// The lookup key stays: tombstones are only hashes by it, and nobody knows any more of whom.
void SealedDatabase::reseal(const StoreLayout& layout, const StoreKey& key, const SecretKey& lookup_key) {
  const SecretKey data_key = SecretKey::random();
  Seal anew{data_key, lookup_key};
  database_.define("reseal", [&](std::string_view value, std::string_view column, std::string_view row) {
    const auto plain = seal_->open(column, row, value);
    return plain ? std::optional{anew.seal(column, row, *plain)} : std::nullopt;
  });
  database_.transact([&] {
    for (const char* sql : layout.reseals) database_.execute(sql);
    write_envelope(layout, key, data_key, lookup_key);
  });
  database_.define("reseal", {});
  seal_ = std::move(anew);
  rekeyed_ = true;
}

void SealedDatabase::write_envelope(const StoreLayout& layout, const StoreKey& key, const SecretKey& data_key,
                                    const SecretKey& lookup_key) {
  Seal seal = envelope_seal(key);
  const std::string sealed_data_key = seal.seal("meta.data_key", layout.name, data_key.octets());
  const std::string sealed_lookup_key = seal.seal("meta.lookup_key", layout.name, lookup_key.octets());
  set_meta("data_key", sealed_data_key);
  set_meta("lookup_key", sealed_lookup_key);
  set_meta("digest", whole_digest_hex({sealed_data_key, sealed_lookup_key}));
}

std::string SealedDatabase::meta(std::string_view name) {
  std::string value;
  prepare("SELECT value FROM meta WHERE name = ?").with(name).run([&](Statement& row) { value = row.octets(0); });
  return value;
}

void SealedDatabase::set_meta(std::string_view name, std::string_view value) {
  prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)").with(name, Octets{value}).run();
}

void SealedDatabase::within_transaction(const std::function<void()>& work) const {
  if (in_transaction())
    work();
  else
    transact(work);
}

std::string SealedDatabase::seal(std::string_view column, std::string_view row, std::string_view plain) {
  return seal_->seal(column, row, plain);
}

std::optional<std::string> SealedDatabase::try_open(std::string_view column, std::string_view row,
                                                    std::string_view sealed) {
  return seal_->open(column, row, sealed);
}

std::string SealedDatabase::open(std::string_view column, std::string_view row, std::string_view sealed,
                                 std::int64_t number) {
  auto plain = try_open(column, row, sealed);
  if (!plain) fail_damaged(column, number);
  return *std::move(plain);
}

void SealedDatabase::fail_damaged(std::string_view column, std::int64_t number) const {
  note_damage(database_.file());
  throw DamagedFile(fmt::format("{}: {}, row {}: was altered or damaged", database_.file(), column, number));
}

std::optional<std::int64_t> SealedDatabase::fact(std::string_view name) {
  std::optional<std::int64_t> value;
  prepare("SELECT value FROM facts WHERE name = ?").with(name).run([&](Statement& row) { value = row.integer(0); });
  return value;
}

void SealedDatabase::set_fact(std::string_view name, std::int64_t value) {
  prepare("INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
      .with(name, value)
      .run();
}

}  // namespace beacon_gateway::sqlite
