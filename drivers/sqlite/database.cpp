#include "drivers/sqlite/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cassert>

#include "drivers/sqlite/quarantine.hpp"
#include "drivers/sqlite/seal.hpp"

namespace beacon_gateway::sqlite {
namespace {

const char* remedy(int code) {
  switch (code) {
    case SQLITE_FULL:
      return "; free some disk space";
    case SQLITE_IOERR:
      return "; see `dmesg`: is the disk failing?";
    case SQLITE_READONLY:
      return "; the disk takes no writes: see `dmesg` and `mount`";
    case SQLITE_BUSY:
      return "; another process holds it: is the gateway running, or another command?";
    default:
      return "";
  }
}

[[noreturn]] void fail(sqlite3* connection, std::string_view doing) {
  constexpr int kPrimary = 0xFF;  // the rest of an extended code says more than we need
  const char* file = connection != nullptr ? sqlite3_db_filename(connection, "main") : nullptr;
  const int code = connection != nullptr ? sqlite3_extended_errcode(connection) & kPrimary : SQLITE_NOMEM;
  const std::string what =
      fmt::format("{}: {}: {}{}", file != nullptr && *file != '\0' ? file : "store", doing,
                  connection != nullptr ? sqlite3_errmsg(connection) : "out of memory", remedy(code));
  if (code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_READONLY || code == SQLITE_CANTOPEN)
    throw StoreUnavailable(what);
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
    note_damage(file != nullptr ? file : "");
    throw DamagedFile(what);
  }
  throw DatabaseError(what);
}

// A null pointer would be bound as NULL and not as empty.
const char* not_null(std::string_view value) {
  return value.data() != nullptr ? value.data() : "";
}

std::string_view octets_of(sqlite3_value* value) {
  const void* data = sqlite3_value_blob(value);
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

// value, column, key...
void call_rewrite(sqlite3_context* context, int count, sqlite3_value** values) {
  constexpr int kFirstOfKey = 2;
  std::string key;
  for (int i = kFirstOfKey; i < count; ++i) {
    if (sqlite3_value_type(values[i]) == SQLITE_INTEGER)
      append_number(key, sqlite3_value_int64(values[i]));
    else
      key += octets_of(values[i]);
  }
  const std::string_view column = octets_of(values[1]);
  const auto result = (*static_cast<Database::Rewrite*>(sqlite3_user_data(context)))(octets_of(values[0]), column, key);
  if (result) return sqlite3_result_blob64(context, result->data(), result->size(), SQLITE_TRANSIENT);
  const std::string fault = fmt::format("{}: a row was altered or damaged", column);
  sqlite3_result_error(context, fault.c_str(), static_cast<int>(fault.size()));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* connection, const char* sql) : connection_(connection) {
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v3(connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) != SQLITE_OK)
    fail(connection, sql);
  statement_.reset(made);
}

void Statement::check(int result) const {
  if (result != SQLITE_OK) fail(connection_, sqlite3_sql(statement_.get()));
}

Statement& Statement::bind(int position, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), position, value));
  return *this;
}

Statement& Statement::bind(int position, std::optional<std::int64_t> value) {
  if (value) return bind(position, *value);
  check(sqlite3_bind_null(statement_.get(), position));
  return *this;
}

// Both are copied by SQLite: a statement may outlive what it was given.
Statement& Statement::bind(int position, std::string_view value) {
  check(sqlite3_bind_text64(statement_.get(), position, not_null(value), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(int position, Octets value) {
  check(sqlite3_bind_blob64(statement_.get(), position, not_null(value.value), value.value.size(), SQLITE_TRANSIENT));
  return *this;
}

void Statement::run(const std::function<void(Statement&)>& row) {
  assert(sqlite3_stmt_busy(statement_.get()) == 0);  // a statement cannot run inside its own rows
  Rows rows{*this};
  while (rows.next())
    if (row) row(*this);
}

bool Statement::any() {
  bool found = false;
  run([&](Statement&) { found = true; });
  return found;
}

bool Statement::next() {
  const int result = sqlite3_step(statement_.get());
  if (result != SQLITE_ROW && result != SQLITE_DONE) fail(connection_, sqlite3_sql(statement_.get()));
  return result == SQLITE_ROW;
}

void Statement::reset() {
  sqlite3_reset(statement_.get());  // answers the fault of the newest step, which was told
  sqlite3_clear_bindings(statement_.get());
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const unsigned char* data = sqlite3_column_text(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return data == nullptr ? std::string{} : std::string{reinterpret_cast<const char*>(data), size};
}

std::string_view Statement::octets(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

Database::Database(const std::filesystem::path& path) {
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  connection_.reset(opened);
  if (result != SQLITE_OK) fail(opened, fmt::format("cannot open {}", path.string()));
  // Exclusive: the WAL index stays in our memory, and a second process is refused instead of sharing the file.
  execute("PRAGMA locking_mode = EXCLUSIVE");
  execute("PRAGMA journal_mode = WAL");
  execute("PRAGMA synchronous = FULL");        // a commit that returned survives a power cut
  execute("PRAGMA secure_delete = ON");        // what was deleted is overwritten
  execute("PRAGMA wal_autocheckpoint = 100");  // pages: the log stays under half a megabyte
  execute("PRAGMA journal_size_limit = 1048576");
  execute("PRAGMA temp_store = MEMORY");  // nothing of ours in /tmp
  execute("PRAGMA trusted_schema = OFF");
  execute("PRAGMA foreign_keys = ON");  // the parts of a record go with it
}

Statement& Database::prepare(const char* sql) {
  const auto found = statements_.find(sql);
  return found != statements_.end() ? found->second
                                    : statements_.try_emplace(sql, connection_.get(), sql).first->second;
}

void Database::execute(const char* sql) const {
  if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(connection_.get(), sql);
}

void Database::transact(const std::function<void()>& work) const {
  assert(!in_transaction());
  execute("BEGIN IMMEDIATE");
  try {
    work();
    execute("COMMIT");
  } catch (...) {
    // The first fault is the one to tell; a failed COMMIT may have rolled back already.
    if (in_transaction()) sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(connection_.get()) == 0;
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(connection_.get());
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(connection_.get());
}

std::string Database::file() const {
  const char* name = sqlite3_db_filename(connection_.get(), "main");
  return name != nullptr && *name != '\0' ? name : "store";
}

void Database::truncate_log() {
  // Whether it could is told in a row, not by an error.
  std::int64_t busy = 1;
  prepare("PRAGMA wal_checkpoint(TRUNCATE)").run([&](Statement& row) { busy = row.integer(0); });
  if (busy != 0) throw DatabaseError(file() + ": the log could not be emptied: a statement is still open");
}

std::int64_t Database::schema() {
  std::int64_t number = 0;
  prepare("PRAGMA user_version").run([&](Statement& row) { number = row.integer(0); });
  return number;
}

void Database::set_schema(std::int64_t number) const {
  execute(fmt::format("PRAGMA user_version = {}", number).c_str());
}

void Database::define(const char* name, Rewrite rewrite) {
  constexpr int kAnyArguments = -1;
  rewrite_ = std::move(rewrite);
  if (sqlite3_create_function_v2(connection_.get(), name, kAnyArguments, SQLITE_UTF8 | SQLITE_DIRECTONLY, &rewrite_,
                                 &call_rewrite, nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(connection_.get(), name);
}

}  // namespace beacon_gateway::sqlite
