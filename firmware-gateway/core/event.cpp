#include "core/event.hpp"

#include <array>

#include "core/digest.hpp"

namespace beacon_gateway {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

// In the order of EventData.
constexpr std::array<std::string_view, std::variant_size_v<EventData>> kTypes{
    "com.beacongateway.visit.started.v1",    "com.beacongateway.zone.entered.v1", "com.beacongateway.zone.left.v1",
    "com.beacongateway.visit.ended.v1",      "com.beacongateway.trigger.v1",      "com.beacongateway.decision.v1",
    "com.beacongateway.erasure.completed.v1"};

}  // namespace

std::string_view name(Outcome outcome) noexcept {
  constexpr std::array<std::string_view, 3> kNames{"suppressed", "expired", "evicted"};
  return kNames[static_cast<std::size_t>(outcome)];
}

std::string_view event_type(const EventData& data) noexcept {
  return kTypes[data.index()];
}

std::optional<WallTime> expires_at(const EventData& data) noexcept {
  if (const auto* trigger = std::get_if<TriggerEvent>(&data)) return trigger->trigger.expires_at;
  return std::nullopt;
}

Worth worth_of(const EventData& data) noexcept {
  return std::visit(
      Overloaded{
          [](const VisitStartedEvent&) { return Worth::visit; }, [](const VisitEndedEvent&) { return Worth::visit; },
          [](const ZoneEnteredEvent&) { return Worth::movement; }, [](const ZoneLeftEvent&) { return Worth::movement; },
          [](const TriggerEvent& event) {
            const bool waits = event.kind == CampaignKind::welcome || event.kind == CampaignKind::assist;
            return waits ? Worth::service : Worth::offer;
          },
          [](const DecisionEvent&) { return Worth::report; }, [](const ErasureEvent&) { return Worth::duty; }},
      data);
}

std::optional<Purpose> purpose_needed(const EventData& data) noexcept {
  if (std::holds_alternative<ErasureEvent>(data)) return std::nullopt;
  if (const auto* trigger = std::get_if<TriggerEvent>(&data)) return purpose_of(trigger->kind);
  return Purpose::presence;
}

std::string_view ordinal_key(const EventData& data) noexcept {
  return std::visit(Overloaded{[](const VisitStartedEvent&) { return std::string_view{}; },
                               [](const VisitEndedEvent&) { return std::string_view{}; },
                               [](const ZoneEnteredEvent& event) { return std::string_view{event.zone}; },
                               [](const ZoneLeftEvent& event) { return std::string_view{event.zone}; },
                               [](const TriggerEvent& event) { return std::string_view{event.campaign}; },
                               [](const DecisionEvent& event) { return std::string_view{event.campaign}; },
                               [](const ErasureEvent& event) { return std::string_view{event.proof}; }},
                    data);
}

std::string make_visit_id(const GatewayName& name, const ShopperId& shopper, WallTime started) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(started).time_since_epoch().count();
  return digest_hex({name.store, shopper.value(), std::to_string(milliseconds)});
}

std::string make_event_id(const GatewayName& name, const Event& event, int ordinal) {
  return digest_hex({name.tenant, name.store, event.subject.value(), event.visit_id, event_type(event.data),
                     ordinal_key(event.data), std::to_string(ordinal)});
}

ShopperId erasure_subject(const GatewayName& name, const ShopperId& shopper) {
  const std::string source = "/" + name.tenant + "/" + name.store + "/" + name.id;
  return *ShopperId::parse(keyed_digest_hex(source, shopper.value()));  // 64 hex digits are a ShopperId
}

std::string erasure_proof(const ShopperId& subject, std::int64_t version_held, WallTime at) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
  return whole_digest_hex({subject.value(), std::to_string(version_held), std::to_string(milliseconds)});
}

Event make_erasure_event(const GatewayName& name, const ShopperId& shopper, std::int64_t version_held, WallTime at) {
  const ShopperId subject = erasure_subject(name, shopper);
  Event event{{}, subject, at, {}, ErasureEvent{erasure_proof(subject, version_held, at)}, false};
  event.id = make_event_id(name, event, 0);
  return event;
}

std::string make_dedupe_key(const GatewayName& name, const ShopperId& shopper, std::string_view campaign,
                            const Trigger& trigger) {
  return digest_hex(
      {name.store, shopper.value(), campaign, date_text(trigger.date), std::to_string(trigger.ordinal_of_day)});
}

// The id of what it ends stands in place of an ordinal: it ends once.
Event make_unsent_event(const GatewayName& name, const OutboxRow& row, Outcome outcome, WallTime at) {
  const Suppression reason = outcome == Outcome::expired ? Suppression::expired : Suppression::evicted;
  Event event{{}, row.shopper_id, at, row.visit_id, DecisionEvent{row.campaign, outcome, reason, std::nullopt}, false};
  event.id = digest_hex({name.tenant, name.store, event.subject.value(), event.visit_id, event_type(event.data),
                         row.campaign, beacon_gateway::name(outcome), row.id});
  return event;
}

}  // namespace beacon_gateway
