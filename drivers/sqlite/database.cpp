#include "drivers/sqlite/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cassert>

namespace beacon_gateway::sqlite {
namespace {

[[noreturn]] void fail(sqlite3* connection, std::string_view doing) {
  const char* file = connection != nullptr ? sqlite3_db_filename(connection, "main") : nullptr;
  const bool full = connection != nullptr && sqlite3_errcode(connection) == SQLITE_FULL;
  const bool busy = connection != nullptr && sqlite3_errcode(connection) == SQLITE_BUSY;
  throw DatabaseError(fmt::format("{}: {}: {}{}", file != nullptr && *file != '\0' ? file : "store", doing,
                                  connection != nullptr ? sqlite3_errmsg(connection) : "out of memory",
                                  full   ? "; free some disk space"
                                  : busy ? "; another process holds it: is the gateway running, or another command?"
                                         : ""));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* connection, const char* sql) : connection_(connection) {
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v2(connection, sql, -1, &made, nullptr) != SQLITE_OK) fail(connection, sql);
  statement_.reset(made);
}

void Statement::check(int result) const {
  if (result != SQLITE_OK) fail(connection_, sqlite3_sql(statement_.get()));
}

Statement& Statement::bind(int position, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), position, value));
  return *this;
}

Statement& Statement::bind(int position, std::string_view value) {
  // Copied by SQLite: a statement may outlive what it was given. A null pointer would be NULL and not the empty text.
  const char* data = value.data() != nullptr ? value.data() : "";
  check(sqlite3_bind_text64(statement_.get(), position, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_null(int position) {
  check(sqlite3_bind_null(statement_.get(), position));
  return *this;
}

void Statement::run(const std::function<void(Statement&)>& row) {
  int result = SQLITE_ROW;
  while ((result = sqlite3_step(statement_.get())) == SQLITE_ROW)
    if (row) row(*this);
  if (result != SQLITE_DONE) {
    const std::string sql = sqlite3_sql(statement_.get());
    fail(connection_, sql);
  }
  sqlite3_reset(statement_.get());
}

bool Statement::any() {
  bool found = false;
  run([&](Statement&) { found = true; });
  return found;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const unsigned char* data = sqlite3_column_text(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return data == nullptr ? std::string{} : std::string{reinterpret_cast<const char*>(data), size};
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

void Database::truncate_log() const {
  // Whether it could is told in a row, not by an error.
  std::int64_t busy = 1;
  prepare("PRAGMA wal_checkpoint(TRUNCATE)").run([&](Statement& row) { busy = row.integer(0); });
  if (busy != 0) throw DatabaseError("the log of the store could not be emptied: a statement is still open");
}

void Database::migrate(std::initializer_list<const char*> migrations) const {
  std::int64_t version = 0;
  prepare("PRAGMA user_version").run([&](Statement& row) { version = row.integer(0); });
  if (version > static_cast<std::int64_t>(migrations.size()))
    throw DatabaseError(fmt::format("{}: was written by a newer version of the gateway (schema {}, this one knows {})",
                                    sqlite3_db_filename(connection_.get(), "main"), version, migrations.size()));
  for (auto step = static_cast<std::size_t>(version); step < migrations.size(); ++step)
    transact([&] {
      execute(migrations.begin()[step]);
      execute(fmt::format("PRAGMA user_version = {}", step + 1).c_str());
    });
}

}  // namespace beacon_gateway::sqlite
