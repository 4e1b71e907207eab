// What the gateway tells the orchestrator (contract 3.3), before it is encoded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/assurance.hpp"
#include "core/gateway_name.hpp"
#include "core/journey/decide.hpp"
#include "core/outbox_bounds.hpp"
#include "core/outbox_row.hpp"
#include "core/presence/track.hpp"
#include "core/shopper_id.hpp"

namespace beacon_gateway {

// `confidence`, 0..1, comes from a gateway with a calibration.
struct VisitStartedEvent {
  std::string zone;
  int rssi_dbm = 0;  // of scanners only, as sightings and scanners
  Assurance assurance = Assurance::fixed;
  int sightings = 0;
  int scanners = 0;
  std::optional<double> confidence{};
  StartEvidence evidence = StartEvidence::scanners;
  int continues = 0;  // how often the visit has been handed over between gateways, this time included
};
struct ZoneEnteredEvent {
  std::string zone;
  std::optional<double> confidence{};
};
struct ZoneLeftEvent {
  std::string zone;
  Duration dwell{};
  std::optional<double> confidence{};
};
struct VisitEndedEvent {
  WallTime started_at{};
  WallTime left_at{};
  std::vector<std::pair<std::string, Duration>> zones;
  std::optional<double> confidence{};
};
struct TriggerEvent {
  std::string campaign;
  CampaignKind kind = CampaignKind::welcome;
  std::optional<std::string> zone;  // absent without consent to `presence`
  Trigger trigger;
  Assurance assurance = Assurance::fixed;
  TimeQuality time_quality = TimeQuality::trusted;
  std::string dedupe_key;
};
enum class Outcome : std::uint8_t { suppressed, expired, evicted };
[[nodiscard]] std::string_view name(Outcome outcome) noexcept;
struct DecisionEvent {
  std::string campaign;
  Outcome outcome = Outcome::suppressed;
  Suppression reason = Suppression::no_consent;
  std::optional<std::string> zone;
};
// The receipt of an erasure; the event's subject is `erasure_subject`, and it belongs to no visit.
struct ErasureEvent {
  std::string proof;  // `erasure_proof`
};
using EventData = std::variant<VisitStartedEvent, ZoneEnteredEvent, ZoneLeftEvent, VisitEndedEvent, TriggerEvent,
                               DecisionEvent, ErasureEvent>;

struct Event {
  std::string id;
  ShopperId subject;
  WallTime time{};
  std::string visit_id;
  EventData data;
  bool test = false;
};

// "com.beacongateway.visit.started.v1", ...
[[nodiscard]] std::string_view event_type(const EventData& data) noexcept;

// When the event is of no more use; only triggers have it.
[[nodiscard]] std::optional<WallTime> expires_at(const EventData& data) noexcept;

[[nodiscard]] Worth worth_of(const EventData& data) noexcept;

// The consent without which the event may not be sent; the receipt of an erasure needs none.
[[nodiscard]] std::optional<Purpose> purpose_needed(const EventData& data) noexcept;

// Zone, campaign or proof: what the ordinal in an event's id counts. Empty for events that happen once a visit.
[[nodiscard]] std::string_view ordinal_key(const EventData& data) noexcept;

// Ids by contract 3.3: the same after a crash or a replay. The fields and their order are in config/contract/README.md.
[[nodiscard]] std::string make_visit_id(const GatewayName& name, const ShopperId& shopper, WallTime started);
[[nodiscard]] std::string make_event_id(const GatewayName& name, const Event& event, int ordinal);
[[nodiscard]] std::string make_dedupe_key(const GatewayName& name, const ShopperId& shopper, std::string_view campaign,
                                          const Trigger& trigger);

// The pseudonym under a hash that whoever knows the pseudonym can compute again: HMAC-SHA-256, keyed with the event's
// source ("/TENANT/STORE/GATEWAY"), 64 hex digits.
[[nodiscard]] ShopperId erasure_subject(const GatewayName& name, const ShopperId& shopper);
// SHA-256 over subject, version held (decimal; 0: nothing was held) and time, as digest.hpp hashes fields: 64 hex
// digits.
[[nodiscard]] std::string erasure_proof(const ShopperId& subject, std::int64_t version_held, WallTime at);
[[nodiscard]] Event make_erasure_event(const GatewayName& name, const ShopperId& shopper, std::int64_t version_held,
                                       WallTime at);

// That a trigger which waited as `row` ended without being sent. Of the same row and outcome always the same id.
[[nodiscard]] Event make_unsent_event(const GatewayName& name, const OutboxRow& row, Outcome outcome, WallTime at);

}  // namespace beacon_gateway
