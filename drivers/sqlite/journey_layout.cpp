#include "drivers/sqlite/journey_layout.hpp"

namespace beacon_gateway::sqlite {
namespace {

// `event` is the keyed hash of the event's id. `purpose` is NULL where sending needs no consent.
constexpr const char* kSchema = R"sql(
  CREATE TABLE outbox (
    sequence   INTEGER PRIMARY KEY,
    event      BLOB NOT NULL UNIQUE,
    type       TEXT NOT NULL,
    shopper    BLOB NOT NULL,
    purpose    INTEGER,
    campaign   TEXT NOT NULL,
    expires_at INTEGER,
    body       BLOB NOT NULL
  ) STRICT;
  CREATE INDEX outbox_expiry ON outbox (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX outbox_shopper ON outbox (shopper);
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

}  // namespace

const StoreLayout& journey_layout() {
  static const StoreLayout layout{"journey",
                                  kSchema,
                                  {"UPDATE outbox SET body = reseal(body, 'outbox.body', sequence)",
                                   "UPDATE caps SET visit = reseal(visit, 'caps.visit', shopper, at)",
                                   "UPDATE decisions SET body = reseal(body, 'decisions.body', shopper, at)",
                                   "UPDATE tracks SET body = reseal(body, 'tracks.body', shopper)"},
                                  "The gateway then starts with no visits, no caps and nothing to send"};
  return layout;
}

}  // namespace beacon_gateway::sqlite
