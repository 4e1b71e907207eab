// A database whose personal columns are sealed, with its envelope: the store key opens a random data key and a random
// lookup key that lie in the file's own table `meta`. So a change of the store key costs one sealing of the file, two
// files share no hashes, and a store without its key is noise.
//
// What may stand in clear: sequence numbers, times, counts, types of events, purposes, ids of campaigns. All else is a
// sealed BLOB or a keyed hash. In clear (no store key) the code is the same, the data key is absent and the lookup key
// lies open: hashes then hide nothing.
// A wrong or a missing key is a DatabaseError, and the file stays as it is.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/sqlite/database.hpp"
#include "drivers/sqlite/seal.hpp"
#include "drivers/sqlite/store_key.hpp"

namespace beacon_gateway::sqlite {

class SealedDatabase;

class SealedDatabase;

// What a file is for.
struct StoreLayout {
  std::string_view name;             // bound into the envelope, so that two files cannot exchange theirs
  const char* schema;                // of a new file
  std::vector<const char*> reseals;  // UPDATE … SET column = reseal(column, 'table.column', key…), one a sealed column
  std::string_view remedy;           // for a file that this version cannot read
  // From schema 2 on, each to the next: all of them run in one transaction, or the file stays as it is. What an older
  // version finds afterwards it refuses.
  std::vector<void (*)(SealedDatabase&)> upgrades{};
};

class SealedDatabase {
 public:
  // Opens or makes the file. Seals it anew if only the previous key opens it.
  SealedDatabase(const std::filesystem::path& path, const StoreLayout& layout, const StoreSeal& seal);

  [[nodiscard]] bool rekeyed() const { return rekeyed_; }

  [[nodiscard]] Statement& prepare(const char* sql) { return database_.prepare(sql); }
  [[nodiscard]] bool in_transaction() const { return database_.in_transaction(); }
  [[nodiscard]] std::int64_t last_insert_id() const { return database_.last_insert_id(); }
  [[nodiscard]] std::int64_t changes() const { return database_.changes(); }
  void execute(const char* sql) const { database_.execute(sql); }
  void transact(const std::function<void()>& work) const { database_.transact(work); }
  // `work` as a transaction of its own, or as part of the one that is open.
  void within_transaction(const std::function<void()>& work) const;
  void truncate_log() { database_.truncate_log(); }
  [[nodiscard]] std::string file() const { return database_.file(); }
  // Reads the whole file; throws DamagedFile.
  void quick_check();

  // See seal.hpp. `column` is "table.column".
  [[nodiscard]] std::string seal(std::string_view column, std::string_view row, std::string_view plain);
  [[nodiscard]] std::optional<std::string> try_open(std::string_view column, std::string_view row,
                                                    std::string_view sealed);
  // Throws if it was altered or damaged; `number` names the row to a person.
  [[nodiscard]] std::string open(std::string_view column, std::string_view row, std::string_view sealed,
                                 std::int64_t number);
  [[nodiscard]] std::string hash(std::string_view text) { return seal_->hash(text); }
  [[noreturn]] void fail_damaged(std::string_view column, std::int64_t number) const;

  // Numbers by name; nothing if never set.
  [[nodiscard]] std::optional<std::int64_t> fact(std::string_view name);
  void set_fact(std::string_view name, std::int64_t value);

 private:
  void compare_tables(const StoreLayout& layout, std::int64_t schema);
  void note_schema(const StoreLayout& layout);
  void upgrade(const StoreLayout& layout, std::int64_t from);
  void make(const StoreLayout& layout, const StoreSeal& seal);
  void open_envelope(const StoreLayout& layout, const StoreSeal& seal);
  void reseal(const StoreLayout& layout, const StoreKey& key, const SecretKey& lookup_key);
  void write_envelope(const StoreLayout& layout, const StoreKey& key, const SecretKey& data_key,
                      const SecretKey& lookup_key);
  [[nodiscard]] std::string meta(std::string_view name);
  void set_meta(std::string_view name, std::string_view value);

  Database database_;
  std::optional<Seal> seal_;  // absent only while opening
  bool rekeyed_ = false;
};

}  // namespace beacon_gateway::sqlite
