// What the retailer's app says of where its shopper is (topic `presence`, contract 3.4), and why it may not count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/shopper_id.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

struct PresenceReport {
  ShopperId shopper_id;
  std::optional<std::string> zone;  // by its id; the topic is the store's, so it may be another gateway's
  WallTime at{};                    // when the app knew it
  std::string nonce;
};

enum class ReportRefusal : std::uint8_t {
  clock_untrusted,  // ours: how old the report is cannot be told
  rate_limited,
  too_old,
  from_the_future,
  nonce_used,
  lease_over,
  unknown_shopper,  // or one of the staff
  no_consent,       // to `presence`
  no_visit,         // none is open, and the app may not start one here
};
inline constexpr std::size_t kReportRefusals = 9;
[[nodiscard]] std::string_view name(ReportRefusal refusal) noexcept;

}  // namespace beacon_gateway
