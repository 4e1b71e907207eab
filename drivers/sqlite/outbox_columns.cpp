#include "drivers/sqlite/outbox_columns.hpp"

#include "drivers/sqlite/journey_layout.hpp"
#include "drivers/sqlite/packed.hpp"

namespace beacon_gateway::sqlite {
namespace {

constexpr int kBody = 9;
constexpr int kDigest = 10;

std::optional<std::int64_t> optional_integer(const Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional{row.integer(column)};
}

std::string text_of(std::optional<std::int64_t> number) {
  return number ? std::to_string(*number) : std::string{};
}

}  // namespace

OutboxColumns outbox_columns(const Statement& row) {
  return {row.integer(0),
          std::string{row.octets(1)},
          row.text(2),
          std::string{row.octets(3)},
          optional_integer(row, 4),
          row.text(5),
          optional_integer(row, 6),
          optional_integer(row, 7),
          row.integer(8)};
}

std::string outbox_body(std::string_view id, const ShopperId& shopper, std::string_view visit_id,
                        std::string_view payload) {
  return packed({id, shopper.value(), visit_id, payload});
}

std::string outbox_digest(SealedDatabase& database, const OutboxColumns& columns, std::string_view body) {
  return database.hash(packed({std::to_string(columns.sequence), columns.event, columns.type, columns.shopper,
                               text_of(columns.purpose), columns.campaign, text_of(columns.expires_at),
                               text_of(columns.ends_at), std::to_string(columns.worth), body}));
}

std::optional<OutboxRow> read_outbox_row(SealedDatabase& database, const Statement& row) {
  constexpr std::size_t kTexts = 4;
  const OutboxColumns columns = outbox_columns(row);
  const auto body = database.try_open(kOutboxBody, row_key({}, {columns.sequence}), row.octets(kBody));
  if (!body || outbox_digest(database, columns, *body) != row.octets(kDigest)) return std::nullopt;
  auto texts = unpacked<kTexts>(*body);
  if (!texts) return std::nullopt;
  auto& [id, shopper_id, visit_id, payload] = *texts;
  auto shopper = ShopperId::parse(shopper_id);
  if (!shopper) return std::nullopt;
  return OutboxRow{columns.sequence,
                   std::move(id),
                   columns.type,
                   *std::move(shopper),
                   columns.purpose ? std::optional{static_cast<Purpose>(*columns.purpose)} : std::nullopt,
                   std::move(visit_id),
                   columns.campaign,
                   columns.expires_at ? std::optional{WallTime{Duration{*columns.expires_at}}} : std::nullopt,
                   std::move(payload)};
}

}  // namespace beacon_gateway::sqlite
