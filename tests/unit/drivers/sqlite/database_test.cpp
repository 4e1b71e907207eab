#include "drivers/sqlite/database.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"

using beacon_gateway::sqlite::Database;
using beacon_gateway::sqlite::DatabaseError;
using beacon_gateway::sqlite::Statement;
using beacon_gateway_test::ContainsSubstring;
using beacon_gateway_test::TemporaryDirectory;

TEST_CASE("a second open of the same file is refused, and says who may hold it") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "a.db";
  {
    const Database first{file};
    first.migrate({"CREATE TABLE t (x INTEGER)"});
    CHECK_THROWS_WITH(Database{file}, ContainsSubstring("is the gateway running") && ContainsSubstring("a.db"));
  }
  CHECK_NOTHROW(Database{file});
}

TEST_CASE("a file of a newer program is refused and left as it is") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "a.db";
  {
    const Database database{file};
    database.migrate({"CREATE TABLE t (x INTEGER)", "CREATE TABLE u (x INTEGER)"});
  }
  {
    const Database database{file};
    CHECK_THROWS_WITH(database.migrate({"CREATE TABLE t (x INTEGER)"}),
                      ContainsSubstring("newer version") && ContainsSubstring("schema 2, this one knows 1"));
  }
  const Database database{file};
  CHECK_NOTHROW(database.migrate({"", ""}));
}

TEST_CASE("migrations run once each, from where the file is; a failing one leaves nothing") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "a.db";
  const auto create = "CREATE TABLE t (x INTEGER)";
  {
    const Database database{file};
    database.migrate({create});
    CHECK_THROWS_AS(database.migrate({create, "CREATE TABLE u (x INTEGER); CREATE TABLE t (x INTEGER)"}),
                    DatabaseError);
  }
  const Database database{file};
  CHECK_NOTHROW(database.migrate({create, "CREATE TABLE u (x INTEGER)"}));
}

TEST_CASE("what cannot be opened names the file") {
  CHECK_THROWS_WITH(Database{"/no/such/folder/a.db"}, ContainsSubstring("/no/such/folder/a.db"));
}

TEST_CASE("empty texts are texts, and texts keep every octet") {
  const Database database{":memory:"};
  database.execute("CREATE TABLE t (x TEXT NOT NULL)");
  const std::string odd{"\xE0\xB8\xA1\0x", 5};
  database.prepare("INSERT INTO t VALUES (?), (?)").bind(1, std::string_view{}).bind(2, odd).run();
  std::string read;
  database.prepare("SELECT x FROM t ORDER BY rowid").run([&](Statement& row) { read += '[' + row.text(0) + ']'; });
  CHECK(read == "[][" + odd + "]");
}

TEST_CASE("a faulty statement is an error that quotes it") {
  const Database database{":memory:"};
  CHECK_THROWS_WITH(database.prepare("SELECT nothing"), ContainsSubstring("SELECT nothing"));
  CHECK_THROWS_AS(database.execute("nonsense"), DatabaseError);
}
