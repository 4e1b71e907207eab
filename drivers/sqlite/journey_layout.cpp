#include "drivers/sqlite/journey_layout.hpp"

#include <vector>

#include "drivers/sqlite/outbox_columns.hpp"

namespace beacon_gateway::sqlite {
namespace {

// `event` is the keyed hash of the event's id. `purpose` is NULL where sending needs no consent. For `ends_at` and
// `digest` see outbox_columns.hpp; `worth` is core's Worth.
constexpr const char* kOutbox = R"sql(
  CREATE TABLE outbox (
    sequence   INTEGER PRIMARY KEY,
    event      BLOB NOT NULL UNIQUE,
    type       TEXT NOT NULL,
    shopper    BLOB NOT NULL,
    purpose    INTEGER,
    campaign   TEXT NOT NULL,
    expires_at INTEGER,
    ends_at    INTEGER,
    worth      INTEGER NOT NULL,
    body       BLOB NOT NULL,
    digest     BLOB NOT NULL
  ) STRICT;
  CREATE INDEX outbox_end ON outbox (ends_at) WHERE ends_at IS NOT NULL;
  CREATE INDEX outbox_worth ON outbox (worth, sequence);
  CREATE INDEX outbox_shopper ON outbox (shopper);
)sql";

constexpr const char* kRest = R"sql(
  CREATE TABLE caps (
    shopper  BLOB NOT NULL,
    campaign TEXT NOT NULL,
    kind     INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    date     INTEGER NOT NULL,
    holdout  INTEGER NOT NULL,
    visit    BLOB NOT NULL
  ) STRICT;
  CREATE INDEX caps_shopper ON caps (shopper, at);
  CREATE INDEX caps_at ON caps (at);
  CREATE TABLE decisions (
    shopper BLOB NOT NULL,
    at      INTEGER NOT NULL,
    body    BLOB NOT NULL
  ) STRICT;
  CREATE INDEX decisions_shopper ON decisions (shopper, at);
  CREATE INDEX decisions_at ON decisions (at);
  CREATE TABLE tracks (shopper BLOB PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
)sql";

// Schema 2 had neither bounds nor digests. How old its rows are stands in sealed bodies: none is younger than the
// newest, so they may wait 72 h from there. Its words and numbers stay as they were on the day of this upgrade.
constexpr const char* kTakeOverSchema2 = R"sql(
  INSERT INTO outbox
    SELECT sequence, event, type, shopper, purpose, campaign, expires_at,
           CASE WHEN purpose IS NULL THEN NULL
                ELSE min(ifnull(expires_at, 9223372036854775807),
                         ifnull((SELECT value FROM facts WHERE name = 'newest_event_time'), 0) + 259200000000) END,
           CASE WHEN purpose IS NULL THEN 5
                WHEN type LIKE '%.trigger.v1' AND purpose IN (1, 4) THEN 4
                WHEN type LIKE '%.trigger.v1' THEN 3
                WHEN type LIKE '%.visit.%' THEN 2
                WHEN type LIKE '%.zone.%' THEN 1
                ELSE 0 END,
           body, x''
      FROM outbox_2;
  DROP TABLE outbox_2;
  INSERT INTO facts SELECT 'newest', value FROM facts WHERE name = 'recorded';
)sql";

void write_digests(SealedDatabase& database) {
  std::vector<std::pair<std::int64_t, std::string>> digests;
  database
      .prepare("SELECT sequence, event, type, shopper, purpose, campaign, expires_at, ends_at, worth, body FROM outbox")
      .run([&](Statement& row) {
        constexpr int kBody = 9;
        const OutboxColumns columns = outbox_columns(row);
        const auto body = database.try_open(kOutboxBody, row_key({}, {columns.sequence}), row.octets(kBody));
        if (body) digests.emplace_back(columns.sequence, outbox_digest(database, columns, *body));
      });  // what does not open keeps an empty digest and ends as damaged when it is read
  Statement& update = database.prepare("UPDATE outbox SET digest = ? WHERE sequence = ?");
  for (const auto& [sequence, digest] : digests) update.with(Octets{digest}, sequence).run();
}

void upgrade_to_3(SealedDatabase& database) {
  database.execute("ALTER TABLE outbox RENAME TO outbox_2; DROP INDEX outbox_expiry; DROP INDEX outbox_shopper");
  database.execute(kOutbox);
  database.execute(kTakeOverSchema2);
  write_digests(database);
}

}  // namespace

const StoreLayout& journey_layout() {
  static const std::string schema = std::string{kOutbox} + kRest;
  static const StoreLayout layout{"journey",
                                  schema.c_str(),
                                  {"UPDATE outbox SET body = reseal(body, 'outbox.body', sequence)",
                                   "UPDATE caps SET visit = reseal(visit, 'caps.visit', shopper, at)",
                                   "UPDATE decisions SET body = reseal(body, 'decisions.body', shopper, at)",
                                   "UPDATE tracks SET body = reseal(body, 'tracks.body', shopper)"},
                                  "The gateway then starts with no visits, no caps and nothing to send",
                                  {upgrade_to_3}};
  return layout;
}

}  // namespace beacon_gateway::sqlite
