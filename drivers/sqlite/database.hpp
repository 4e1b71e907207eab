// SQLite under thin RAII: a connection, a prepared statement, a transaction. Every failure is a DatabaseError.
// One connection writes and checkpoints, and no second process opens the file: SQLite 3.7 to 3.51.2 can corrupt a WAL
// otherwise (sqlite.org/wal.html, "WAL-reset bug"). Belongs to one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace beacon_gateway::sqlite {

class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Steps through its rows; bindings are by position from 1, columns from 0. Reset when it goes out of scope of `run`.
class Statement {
 public:
  Statement(sqlite3* connection, const char* sql);

  Statement& bind(int position, std::int64_t value);
  Statement& bind(int position, std::string_view value);
  Statement& bind_null(int position);

  // Runs to the end and resets; `row` is called for each row, if given.
  void run(const std::function<void(Statement&)>& row = {});
  // Runs and answers whether there was a row at all.
  [[nodiscard]] bool any();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  void check(int result) const;

  sqlite3* connection_;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  // Opens or makes the file with our settings (WAL, FULL, secure delete) and holds it alone. `path` may be ":memory:".
  explicit Database(const std::filesystem::path& path);

  [[nodiscard]] Statement prepare(const char* sql) const { return {connection_.get(), sql}; }
  void execute(const char* sql) const;

  // BEGIN IMMEDIATE, `work`, COMMIT; ROLLBACK if `work` throws. Not nested.
  void transact(const std::function<void()>& work) const;
  [[nodiscard]] bool in_transaction() const;

  [[nodiscard]] std::int64_t last_insert_id() const;

  // Writes the log back into the file and empties it: what was deleted is then nowhere on disk.
  void truncate_log() const;

  // Applies `migrations[i]` for every i from the file's user_version on, each in one transaction. A file from a newer
  // program is refused.
  void migrate(std::initializer_list<const char*> migrations) const;

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace beacon_gateway::sqlite
