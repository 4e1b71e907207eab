// What another gateway of the store says of visits, as it comes in: strict, because nobody signs it.
#include "messages/other_visit_json.hpp"

#include "messages/text_forms.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

const GatewayName kName{"acme", "bkk-siam-01", "gw-1"};
const std::string kStarted = "com.beacongateway.visit.started.v1";
const std::string kEnded = "com.beacongateway.visit.ended.v1";
const std::string kVisit = "368a16266c18d479127e6f3af8c36481";

std::string topic(const std::string& gateway, const std::string& type) {
  return "beacon-gateway/v1/acme/bkk-siam-01/" + gateway + "/events/" + type;
}

std::string event(const std::string& type, const std::string& source, const std::string& data,
                  const std::string& more = "") {
  return R"({"specversion":"1.0","id":"x","type":")" + type + R"(","source":")" + source +
         R"(","subject":"s-1","time":"2026-11-22T03:00:00.000Z",)" + more + R"("data":{)" + data + "}}";
}

std::string visit(const std::string& more = "") {
  return R"("visit_id":")" + kVisit + '"' + more;
}

bool malformed(const std::string& topic_name, const std::string& payload) {
  const auto read = read_other_visit(topic_name, payload, kName);
  REQUIRE(read);
  const auto* why = std::get_if<DownlinkRefusal>(&read->content);
  return why != nullptr && *why == DownlinkRefusal::malformed;
}

}  // namespace

TEST_CASE("start and end of another gateway's visit are read") {
  const std::string source = "/acme/bkk-siam-01/gw-2";
  const auto start =
      read_other_visit(topic("gw-2", kStarted), event(kStarted, source, visit(R"(,"continues":2)")), kName);
  REQUIRE(start);
  const auto& started = std::get<OtherVisit>(start->content);
  CHECK(started.what == OtherVisit::What::started);
  CHECK(started.gateway == "gw-2");
  CHECK(started.shopper_id == ShopperId::parse("s-1"));
  CHECK(started.visit_id == kVisit);
  CHECK(started.at == wall_time_from_text("2026-11-22T03:00:00Z"));
  CHECK(started.continues == 2);
  CHECK_FALSE(started.replayed);
  const auto end =
      read_other_visit(topic("gw-2", kEnded), event(kEnded, source, visit(), R"("replayed":true,)"), kName);
  const auto& ended = std::get<OtherVisit>(end->content);
  CHECK(ended.what == OtherVisit::What::ended);
  CHECK(ended.replayed);
}

TEST_CASE("our own visits, other stores and other events are not of our concern") {
  CHECK_FALSE(read_other_visit(topic("gw-1", kStarted), "{}", kName));
  CHECK_FALSE(read_other_visit(topic("gw-2", "com.beacongateway.trigger.v1"), "{}", kName));
  CHECK_FALSE(read_other_visit("beacon-gateway/v1/acme/bkk-siam-02/gw-2/events/" + kStarted, "{}", kName));
  CHECK_FALSE(read_other_visit("beacon-gateway/v1/acme/bkk-siam-01/gw-2", "{}", kName));
}

TEST_CASE("who speaks for somebody else, or not in the contract's words, is malformed") {
  const std::string where = topic("gw-2", kStarted);
  const std::string source = "/acme/bkk-siam-01/gw-2";
  CHECK_FALSE(malformed(where, event(kStarted, source, visit())));
  for (const std::string& payload :
       {event(kStarted, "/acme/bkk-siam-01/gw-3", visit()), event(kEnded, source, visit()),
        event(kStarted, source, R"("visit_id":"short")"), event(kStarted, source, R"("visit_id":7)"),
        event(kStarted, source, R"("visit_id":"368A16266C18D479127E6F3AF8C36481")"), event(kStarted, source, ""),
        event(kStarted, source, visit(R"(,"continues":"2")")), event(kStarted, source, visit(), R"("replayed":"no",)"),
        std::string{"garbage"}, std::string{"[]"}, std::string{"{}"}, std::string(40, '['), std::string{},
        event(kStarted, source, visit(R"(,"padding":")" + std::string(kMostVisitEventOctets, 'x') + '"'))}) {
    CAPTURE(payload.substr(0, 300));
    CHECK(malformed(where, payload));
  }
}
