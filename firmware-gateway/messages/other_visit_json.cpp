#include "messages/other_visit_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "messages/json_bounds.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kStarted = "com.beacongateway.visit.started.v1";
constexpr std::string_view kEnded = "com.beacongateway.visit.ended.v1";
// A visit is handed over each time its gateway loses a shopper whom another one hears: not more often than this.
constexpr int kMostHandOvers = 1'000'000;

struct Origin {
  std::string gateway;
  std::string type;
};

std::optional<Origin> origin_of(std::string_view topic, const GatewayName& name) {
  const std::string store = fmt::format("beacon-gateway/v1/{}/{}/", name.tenant, name.store);
  constexpr std::string_view kEvents = "/events/";
  if (!topic.starts_with(store)) return std::nullopt;
  topic.remove_prefix(store.size());
  const std::size_t slash = topic.find('/');
  if (slash == std::string_view::npos || !topic.substr(slash).starts_with(kEvents)) return std::nullopt;
  Origin origin{std::string{topic.substr(0, slash)}, std::string{topic.substr(slash + kEvents.size())}};
  if (origin.gateway == name.id || (origin.type != kStarted && origin.type != kEnded)) return std::nullopt;
  return origin;
}

// Throws what nlohmann throws, of what is not there or of another type.
std::optional<OtherVisit> decode(std::string_view payload, const Origin& origin, const GatewayName& name) {
  constexpr std::size_t kDigestDigits = 32;
  if (payload.size() > kMostVisitEventOctets || !within_bounds(payload)) return std::nullopt;
  const Json event = Json::parse(payload);
  const auto text = [](const Json& object, const char* key) { return object.at(key).get<std::string>(); };
  const Json& data = event.at("data");
  const auto shopper = ShopperId::parse(text(event, "subject"));
  const auto at = wall_time_from_text(text(event, "time"));
  const std::string visit_id = text(data, "visit_id");
  const auto is_hex = [](char one) { return (one >= '0' && one <= '9') || (one >= 'a' && one <= 'f'); };
  if (text(event, "specversion") != "1.0" || text(event, "type") != origin.type || !shopper || !at ||
      text(event, "source") != fmt::format("/{}/{}/{}", name.tenant, name.store, origin.gateway) ||
      visit_id.size() != kDigestDigits || !std::ranges::all_of(visit_id, is_hex))
    return std::nullopt;
  OtherVisit visit{.gateway = origin.gateway, .shopper_id = *shopper, .visit_id = visit_id, .at = *at};
  visit.what = origin.type == kStarted ? OtherVisit::What::started : OtherVisit::What::ended;
  if (data.contains("continues")) visit.continues = std::clamp(data.at("continues").get<int>(), 0, kMostHandOvers);
  if (event.contains("replayed")) visit.replayed = event.at("replayed").get<bool>();
  return visit;
}

}  // namespace

std::optional<Downlink> read_other_visit(std::string_view topic, std::string_view payload, const GatewayName& name) {
  const auto origin = origin_of(topic, name);
  if (!origin) return std::nullopt;
  Downlink downlink{DownlinkTopic::other_visits, std::nullopt, DownlinkRefusal::malformed, payload.size()};
  try {
    if (auto visit = decode(payload, *origin, name)) downlink.content = std::move(*visit);
  } catch (const Json::exception&) {
    return downlink;  // refused as malformed, and counted by the gateway
  }
  return downlink;
}

}  // namespace beacon_gateway
