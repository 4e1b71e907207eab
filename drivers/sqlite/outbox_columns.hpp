// A row of the table `outbox` as it lies in the file, and the digest that finds damage in any of its columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/outbox_row.hpp"
#include "drivers/sqlite/sealed_database.hpp"

namespace beacon_gateway::sqlite {

// All but body and digest, in the order of the table. Instants are UTC microseconds.
struct OutboxColumns {
  std::int64_t sequence = 0;
  std::string event;  // keyed hash of the event's id
  std::string type;
  std::string shopper;                  // keyed hash of the pseudonym
  std::optional<std::int64_t> purpose;  // NULL where sending needs no consent
  std::string campaign;
  std::optional<std::int64_t> expires_at;
  std::optional<std::int64_t> ends_at;  // the earlier of `expires_at` and the greatest age; NULL: never
  std::int64_t worth = 0;
};

// `row` is a result that begins with these columns.
[[nodiscard]] OutboxColumns outbox_columns(const Statement& row);

// id, shopper_id, visit_id and payload as one text, to be sealed.
[[nodiscard]] std::string outbox_body(std::string_view id, const ShopperId& shopper, std::string_view visit_id,
                                      std::string_view payload);

// 16 octets: the keyed hash of the columns and of the body as it was before sealing, so that a change of the store key
// leaves it as it is. The seal guards the body alone, and a store in clear has no seal.
[[nodiscard]] std::string outbox_digest(SealedDatabase& database, const OutboxColumns& columns, std::string_view body);

// `row`: the columns, body, digest. Nothing: altered or damaged.
[[nodiscard]] std::optional<OutboxRow> read_outbox_row(SealedDatabase& database, const Statement& row);

}  // namespace beacon_gateway::sqlite
