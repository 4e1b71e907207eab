// A journey file as the version before left it: schema 2, which had neither bounds nor digests.
#pragma once

#include <filesystem>

#include "drivers/sqlite/database.hpp"

namespace beacon_gateway_test {

// Turns a closed file of the present schema into one.
inline void make_schema_2(const std::filesystem::path& file) {
  beacon_gateway::sqlite::Database{file}.execute(R"sql(
    CREATE TABLE old (sequence INTEGER PRIMARY KEY, event BLOB NOT NULL UNIQUE, type TEXT NOT NULL,
      shopper BLOB NOT NULL, purpose INTEGER, campaign TEXT NOT NULL, expires_at INTEGER, body BLOB NOT NULL) STRICT;
    INSERT INTO old SELECT sequence, event, type, shopper, purpose, campaign, expires_at, body FROM outbox;
    DROP TABLE outbox;
    ALTER TABLE old RENAME TO outbox;
    CREATE INDEX outbox_expiry ON outbox (expires_at) WHERE expires_at IS NOT NULL;
    CREATE INDEX outbox_shopper ON outbox (shopper);
    DELETE FROM facts WHERE name IN ('newest', 'schema');
    PRAGMA user_version = 2)sql");
}

}  // namespace beacon_gateway_test
