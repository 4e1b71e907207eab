// SQLite under thin RAII: a connection, prepared statements, a transaction. A disk that takes nothing just now is a
// StoreUnavailable, a file whose structure is broken a DamagedFile, every other failure a DatabaseError.
// One connection writes and checkpoints, and no second process opens the file: SQLite 3.7 to 3.51.2 can corrupt a WAL
// otherwise (sqlite.org/wal.html, "WAL-reset bug"). Belongs to one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ports/store_unavailable.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace beacon_gateway::sqlite {

class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class DamagedFile : public DatabaseError {
 public:
  using DatabaseError::DatabaseError;
};

// Bound as BLOB, where a text would be TEXT.
struct Octets {
  std::string_view value;
};

// Bindings are by position from 1, columns from 0. Runs again and again; between two runs it holds neither a lock nor
// what was bound.
class Statement {
 public:
  Statement(sqlite3* connection, const char* sql);

  Statement& bind(int position, std::int64_t value);
  Statement& bind(int position, std::optional<std::int64_t> value);  // nothing is NULL
  Statement& bind(int position, std::string_view value);
  Statement& bind(int position, Octets value);

  // All parameters at once, in order.
  template <class... Values>
  Statement& with(const Values&... values) {
    int position = 0;
    (bind(++position, values), ...);
    return *this;
  }

  // Runs to the end; `row` is called for each row, if given.
  void run(const std::function<void(Statement&)>& row = {});
  // Runs and answers whether there was a row at all.
  [[nodiscard]] bool any();

  // Goes to the next row, for who reads several statements side by side; `run` is simpler. False: no more rows.
  [[nodiscard]] bool next();
  // Has to follow `next`, however the reading ended.
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::string_view octets(int column) const;  // until the next row
  [[nodiscard]] bool is_null(int column) const;

 private:
  void check(int result) const;

  sqlite3* connection_;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// The rows of a statement that was bound, one by one.
class Rows {
 public:
  explicit Rows(Statement& statement) : statement_(&statement) {}
  ~Rows() { statement_->reset(); }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  [[nodiscard]] bool next() { return statement_->next(); }
  [[nodiscard]] const Statement& operator*() const { return *statement_; }
  [[nodiscard]] const Statement* operator->() const { return statement_; }

 private:
  Statement* statement_;
};

class Database {
 public:
  // Opens or makes the file with our settings (WAL, FULL, secure delete) and holds it alone. `path` may be ":memory:".
  explicit Database(const std::filesystem::path& path);

  // Prepared once and kept. `sql` is a literal: it must outlive this.
  [[nodiscard]] Statement& prepare(const char* sql);
  void execute(const char* sql) const;

  // BEGIN IMMEDIATE, `work`, COMMIT; ROLLBACK if `work` throws. Not nested.
  void transact(const std::function<void()>& work) const;
  [[nodiscard]] bool in_transaction() const;

  [[nodiscard]] std::int64_t last_insert_id() const;
  // Rows that the newest INSERT, UPDATE or DELETE changed, without those of cascades.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] std::string file() const;  // "store" in memory

  // Writes the log back into the file and empties it: what was deleted is then nowhere on disk.
  void truncate_log();

  // The schema's number that the file bears; 0: a new file.
  [[nodiscard]] std::int64_t schema();
  void set_schema(std::int64_t number) const;

  // Makes `name(value, column, key...)` usable in SQL. It gets the value, the column's name, and the key as one string
  // (see seal.hpp, `row_key`), and answers the new value; nothing fails the statement.
  using Rewrite =
      std::function<std::optional<std::string>(std::string_view value, std::string_view column, std::string_view key)>;
  void define(const char* name, Rewrite rewrite);

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  Rewrite rewrite_;
  std::unique_ptr<sqlite3, Close> connection_;
  std::unordered_map<std::string_view, Statement> statements_;
};

}  // namespace beacon_gateway::sqlite
