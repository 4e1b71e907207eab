#include "messages/event_json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "messages/text_forms.hpp"

namespace beacon_gateway {
namespace {

using Json = nlohmann::ordered_json;

// Seconds with milliseconds: what `time` resolves.
double seconds(Duration duration) {
  constexpr double kMillisecondsPerSecond = 1000.0;
  return static_cast<double>(std::chrono::floor<std::chrono::milliseconds>(duration).count()) / kMillisecondsPerSecond;
}

// As the last member, with the two decimals that it is worth.
Json with_confidence(Json data, std::optional<double> confidence) {
  constexpr double kHundred = 100.0;
  if (confidence) data["confidence"] = std::round(*confidence * kHundred) / kHundred;
  return data;
}

Json encode(const VisitStartedEvent& event) {
  if (event.evidence != StartEvidence::scanners) {
    Json data{{"zone", event.zone},
              {"assurance", name(event.assurance)},
              {"evidence", {{"reported_by", event.evidence == StartEvidence::app ? "app" : "gateway"}}}};
    if (event.continues > 0) data["continues"] = event.continues;
    return data;
  }
  Json data{{"zone", event.zone},
            {"rssi_dbm", event.rssi_dbm},
            {"assurance", name(event.assurance)},
            {"evidence", {{"sightings", event.sightings}, {"scanners", event.scanners}}}};
  return with_confidence(std::move(data), event.confidence);
}

Json encode(const ZoneEnteredEvent& event) {
  return with_confidence({{"zone", event.zone}}, event.confidence);
}

Json encode(const ZoneLeftEvent& event) {
  return with_confidence({{"zone", event.zone}, {"dwell_s", seconds(event.dwell)}}, event.confidence);
}

Json encode(const VisitEndedEvent& event) {
  Json zones = Json::array();
  for (const auto& [zone, dwell] : event.zones) zones.push_back({{"zone", zone}, {"dwell_s", seconds(dwell)}});
  Json data{{"started_at", wall_time_text(event.started_at)},
            {"left_at", wall_time_text(event.left_at)},
            {"duration_s", seconds(event.left_at - event.started_at)},
            {"zones", zones}};
  return with_confidence(std::move(data), event.confidence);
}

Json encode(const TriggerEvent& event) {
  Json message{{"title", event.trigger.message.title}, {"body", event.trigger.message.body}};
  if (!event.trigger.message.link.empty()) message["link"] = event.trigger.message.link;
  Json recommendations = Json::array();
  for (const RecommendedItem& item : event.trigger.recommendations)
    recommendations.push_back({{"sku", item.sku}, {"title", item.title}});
  Json data{{"campaign", event.campaign}, {"kind", name(event.kind)}, {"variant", event.trigger.variant}};
  if (event.zone) data["zone"] = *event.zone;
  data["expires_at"] = wall_time_text(event.trigger.expires_at);
  data["language"] = event.trigger.language;
  data["message"] = message;
  data["recommendations"] = recommendations;
  data["assurance"] = name(event.assurance);
  data["time_quality"] = event.time_quality == TimeQuality::trusted ? "trusted" : "untrusted";
  data["dedupe_key"] = event.dedupe_key;
  return data;
}

Json encode(const DecisionEvent& event) {
  Json data{{"campaign", event.campaign}, {"outcome", name(event.outcome)}, {"reason", name(event.reason)}};
  if (event.zone) data["zone"] = *event.zone;
  return data;
}

Json encode(const ErasureEvent& event) {
  return {{"proof", event.proof}};
}

}  // namespace

std::string event_to_json(const Event& event, const EnvelopeFacts& facts) {
  Json data = Json::object();
  if (!event.visit_id.empty()) data["visit_id"] = event.visit_id;
  data.update(std::visit([](const auto& one) { return encode(one); }, event.data));
  Json envelope{{"specversion", "1.0"},
                {"id", event.id},
                {"source", fmt::format("/{}/{}/{}", facts.name.tenant, facts.name.store, facts.name.id)},
                {"type", event_type(event.data)},
                {"subject", event.subject.value()},
                {"time", wall_time_text(event.time)},
                {"datacontenttype", "application/json"},
                {"sequence", facts.sequence}};
  if (event.test) envelope["test"] = true;
  if (facts.replayed) envelope["replayed"] = true;
  envelope["data"] = std::move(data);
  return envelope.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace beacon_gateway
