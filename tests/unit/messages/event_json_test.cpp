#include "messages/event_json.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;

namespace {

const WallTime kNow{1'795'000'000'123'999us};  // 2026-11-18T11:06:40.123Z
const EnvelopeFacts kFacts{{"acme", "bkk-siam-01", "gw-1"}, 42, false};

Event event(EventData data) {
  return {"e-1", ShopperId::parse("s-1").value(), kNow, "v-1", std::move(data), false};
}

std::string envelope(const std::string& type, const std::string& data, const std::string& extensions = "") {
  return R"({"specversion":"1.0","id":"e-1","source":"/acme/bkk-siam-01/gw-1","type":"com.beacongateway.)" + type +
         R"(.v1","subject":"s-1","time":"2026-11-18T11:06:40.123Z","datacontenttype":"application/json","sequence":42)" +
         extensions + R"(,"data":{"visit_id":"v-1",)" + data + "}}";
}

TriggerEvent trigger() {
  TriggerEvent data;
  data.campaign = "welcome";
  data.kind = CampaignKind::welcome;
  data.zone = "entrance";
  data.trigger.variant = "a";
  data.trigger.language = "th";
  data.trigger.message = {"สวัสดี \"มะลิ\"", "ยินดีต้อนรับ", "acme://home"};
  data.trigger.recommendations = {{"1001", "ครีม"}};
  data.trigger.expires_at = kNow + 2min;
  data.dedupe_key = "d-1";
  return data;
}

}  // namespace

TEST_CASE("visit.started") {
  CHECK(event_to_json(event(VisitStartedEvent{"entrance", -61, Assurance::rotating, 3, 2}), kFacts) ==
        envelope("visit.started",
                 R"("zone":"entrance","rssi_dbm":-61,"assurance":"rotating","evidence":{"sightings":3,"scanners":2})"));
}

TEST_CASE("zone.entered and zone.left") {
  CHECK(event_to_json(event(ZoneEnteredEvent{"aisle"}), kFacts) == envelope("zone.entered", R"("zone":"aisle")"));
  CHECK(event_to_json(event(ZoneLeftEvent{"aisle", 61'234'999us}), kFacts) ==
        envelope("zone.left", R"("zone":"aisle","dwell_s":61.234)"));
}

TEST_CASE("visit.ended") {
  const VisitEndedEvent ended{kNow - 90s, kNow - 30s, {{"aisle", 20s}, {"entrance", 500ms}}};
  CHECK(event_to_json(event(ended), kFacts) ==
        envelope("visit.ended",
                 R"("started_at":"2026-11-18T11:05:10.123Z","left_at":"2026-11-18T11:06:10.123Z","duration_s":60.0,)"
                 R"("zones":[{"zone":"aisle","dwell_s":20.0},{"zone":"entrance","dwell_s":0.5}])"));
  CHECK(event_to_json(event(VisitEndedEvent{kNow, kNow, {}}), kFacts).find(R"("zones":[]})") != std::string::npos);
}

TEST_CASE("trigger, whole") {
  CHECK(event_to_json(event(trigger()), kFacts) ==
        envelope("trigger",
                 R"("campaign":"welcome","kind":"welcome","variant":"a","zone":"entrance",)"
                 R"("expires_at":"2026-11-18T11:08:40.123Z","language":"th",)"
                 R"("message":{"title":"สวัสดี \"มะลิ\"","body":"ยินดีต้อนรับ","link":"acme://home"},)"
                 R"("recommendations":[{"sku":"1001","title":"ครีม"}],"assurance":"static","time_quality":"trusted",)"
                 R"("dedupe_key":"d-1")"));
}

TEST_CASE("trigger without zone, link and recommendations, at an untrusted time") {
  TriggerEvent data = trigger();
  data.zone.reset();
  data.trigger.message.link.clear();
  data.trigger.recommendations.clear();
  data.time_quality = TimeQuality::untrusted;
  CHECK(event_to_json(event(data), kFacts) ==
        envelope("trigger",
                 R"("campaign":"welcome","kind":"welcome","variant":"a",)"
                 R"("expires_at":"2026-11-18T11:08:40.123Z","language":"th",)"
                 R"("message":{"title":"สวัสดี \"มะลิ\"","body":"ยินดีต้อนรับ"},)"
                 R"("recommendations":[],"assurance":"static","time_quality":"untrusted","dedupe_key":"d-1")"));
}

TEST_CASE("decision, with and without its zone") {
  const DecisionEvent decision{"welcome", Outcome::suppressed, Suppression::holdout, "aisle"};
  CHECK(event_to_json(event(decision), kFacts) ==
        envelope("decision", R"("campaign":"welcome","outcome":"suppressed","reason":"holdout","zone":"aisle")"));
  DecisionEvent no_zone = decision;
  no_zone.zone.reset();
  CHECK(event_to_json(event(no_zone), kFacts) ==
        envelope("decision", R"("campaign":"welcome","outcome":"suppressed","reason":"holdout")"));
}

TEST_CASE("the receipt of an erasure belongs to no visit") {
  Event receipt = event(ErasureEvent{"0742"});
  receipt.visit_id.clear();
  const std::string json = event_to_json(receipt, kFacts);
  CHECK(json.ends_with(R"("data":{"proof":"0742"}})"));
  CHECK(json.find(R"("type":"com.beacongateway.erasure.completed.v1")") != std::string::npos);
}

TEST_CASE("test and replayed are told only where true") {
  Event tag = event(ZoneEnteredEvent{"aisle"});
  tag.test = true;
  EnvelopeFacts replay = kFacts;
  replay.replayed = true;
  CHECK(event_to_json(tag, replay) == envelope("zone.entered", R"("zone":"aisle")", R"(,"test":true,"replayed":true)"));
}

TEST_CASE("a text that is not UTF-8 is mended, not thrown") {
  CHECK(event_to_json(event(ZoneEnteredEvent{"a\xFF"}), kFacts) ==
        envelope("zone.entered", "\"zone\":\"a\xEF\xBF\xBD\""));
}
