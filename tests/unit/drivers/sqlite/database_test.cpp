#include "drivers/sqlite/database.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"

using beacon_gateway::sqlite::Database;
using beacon_gateway::sqlite::DatabaseError;
using beacon_gateway::sqlite::Octets;
using beacon_gateway::sqlite::Rows;
using beacon_gateway::sqlite::Statement;
using beacon_gateway_test::ContainsSubstring;
using beacon_gateway_test::TemporaryDirectory;

TEST_CASE("a second open of the same file is refused, and says who may hold it") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "a.db";
  {
    const Database first{file};
    first.execute("CREATE TABLE t (x INTEGER)");
    CHECK_THROWS_WITH(Database{file}, ContainsSubstring("is the gateway running") && ContainsSubstring("a.db"));
  }
  CHECK_NOTHROW(Database{file});
}

TEST_CASE("a transaction that is thrown out of leaves nothing, and the schema's number goes with it") {
  Database database{":memory:"};
  CHECK(database.schema() == 0);
  CHECK_THROWS(database.transact([&] {
    database.execute("CREATE TABLE t (x INTEGER)");
    database.set_schema(3);
    throw std::runtime_error{"power cut"};
  }));
  CHECK(database.schema() == 0);
  CHECK_NOTHROW(database.execute("CREATE TABLE t (x INTEGER)"));
}

TEST_CASE("what cannot be opened names the file") {
  CHECK_THROWS_WITH(Database{"/no/such/folder/a.db"}, ContainsSubstring("/no/such/folder/a.db"));
}

TEST_CASE("empty texts are texts, empty octets are octets, and both keep every octet") {
  Database database{":memory:"};
  database.execute("CREATE TABLE t (x TEXT NOT NULL, y BLOB NOT NULL, z INTEGER) STRICT");
  const std::string odd{"\xE0\xB8\xA1\0x", 5};
  for (const std::string_view value : {std::string_view{}, std::string_view{odd}})
    database.prepare("INSERT INTO t VALUES (?, ?, ?)").with(value, Octets{value}, std::optional<std::int64_t>{}).run();
  std::string read;
  database.prepare("SELECT x, y, z FROM t ORDER BY rowid").run([&](Statement& row) {
    CHECK(row.is_null(2));
    read += '[' + row.text(0) + '|' + std::string{row.octets(1)} + ']';
  });
  CHECK(read == "[|][" + odd + '|' + odd + ']');
}

TEST_CASE("a statement that was left by an exception runs again, without what was bound") {
  Database database{":memory:"};
  database.execute("CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1), (2)");
  const auto select = [&]() -> Statement& { return database.prepare("SELECT x FROM t WHERE ?1 IS NULL OR x = ?1"); };
  CHECK_THROWS_WITH(select().with(std::int64_t{2}).run([](Statement&) { throw std::runtime_error{"enough"}; }),
                    "enough");
  int rows = 0;
  select().run([&](Statement&) { ++rows; });
  CHECK(rows == 2);
}

TEST_CASE("two statements are read side by side, and nothing stays open") {
  Database database{":memory:"};
  database.execute("CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1), (2)");
  {
    Rows up{database.prepare("SELECT x FROM t ORDER BY x")};
    Rows down{database.prepare("SELECT x FROM t ORDER BY x DESC")};
    REQUIRE(up.next());
    REQUIRE(down.next());
    CHECK(up->integer(0) + down->integer(0) == 3);
  }
  CHECK_NOTHROW(database.truncate_log());
}

TEST_CASE("a function of ours rewrites a column, with its key, and where it cannot, nothing is written") {
  Database database{":memory:"};
  database.execute(
      "CREATE TABLE t (k BLOB, n INTEGER, x BLOB); INSERT INTO t VALUES (x'6B', 258, x'61'), (x'6B', 1, x'')");
  database.define("rewrite", [](std::string_view value, std::string_view column, std::string_view key) {
    return value.empty() ? std::nullopt
                         : std::optional{std::string{value} + '/' + std::string{column} + '/' + std::string{key}};
  });
  CHECK_THROWS_WITH(database.execute("UPDATE t SET x = rewrite(x, 't.x', k, n)"),
                    ContainsSubstring("t.x: a row was altered"));
  database.execute("UPDATE t SET x = rewrite(x, 't.x', k, n) WHERE x <> x''");
  std::string read;
  database.prepare("SELECT x FROM t WHERE n = 258").run([&](Statement& row) { read = row.octets(0); });
  CHECK(read == "a/t.x/k" + std::string("\0\0\0\0\0\0\1\2", 8));
}

TEST_CASE("a faulty statement is an error that quotes it") {
  Database database{":memory:"};
  CHECK_THROWS_WITH(database.prepare("SELECT nothing"), ContainsSubstring("SELECT nothing"));
  CHECK_THROWS_AS(database.execute("nonsense"), DatabaseError);
}
