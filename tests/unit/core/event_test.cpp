#include "core/event.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;

namespace {

const GatewayName kGateway{"acme", "bkk-siam-01", "gw-1"};
const ShopperId kShopper = ShopperId::parse("s-1").value();
constexpr WallTime kStarted = std::chrono::sys_days{2026y / 11 / 22} + 3h;

std::string id_of(EventData data, int ordinal) {
  return make_event_id(kGateway, {{}, kShopper, kStarted, make_visit_id(kGateway, kShopper, kStarted), std::move(data)},
                       ordinal);
}

TriggerEvent welcome() {
  TriggerEvent event;
  event.campaign = "welcome";
  return event;
}

DecisionEvent no_welcome() {
  DecisionEvent event;
  event.campaign = "welcome";
  return event;
}

}  // namespace

// The expected ids, by the `digest` of config/contract/README.md:
//   v = digest("bkk-siam-01", "s-1", "1795316400000")
//   digest("acme", "bkk-siam-01", "s-1", v, "com.beacongateway.zone.left.v1", "entrance", "1"), ...
TEST_CASE("a visit's id counts the milliseconds of its first advertisement, not what lies below them") {
  CHECK(make_visit_id(kGateway, kShopper, kStarted) == "368a16266c18d479127e6f3af8c36481");
  CHECK(make_visit_id(kGateway, kShopper, kStarted + 999us) == "368a16266c18d479127e6f3af8c36481");
  CHECK(make_visit_id(kGateway, kShopper, kStarted + 1ms) != "368a16266c18d479127e6f3af8c36481");
}

TEST_CASE("the gateways of a shop agree on a visit's id") {
  CHECK(make_visit_id({"acme", "bkk-siam-01", "gw-2"}, kShopper, kStarted) ==
        make_visit_id(kGateway, kShopper, kStarted));
}

TEST_CASE("an event's id is that of the contract, for each type") {
  CHECK(id_of(VisitStartedEvent{"entrance", -60, Assurance::fixed, 3, 1}, 0) == "54c9976bb1091bdd0cd120f09b6d45b9");
  CHECK(id_of(ZoneEnteredEvent{"entrance"}, 0) == "568e0d179851eb3160eb37bec75f4deb");
  CHECK(id_of(ZoneLeftEvent{"entrance", 20s}, 1) == "9f6b6b2c20edcb225bc4540c264adcd3");
  CHECK(id_of(VisitEndedEvent{kStarted, kStarted, {}}, 0) == "6cff0fa612fcb2307e1f57b34c36565f");
  CHECK(id_of(welcome(), 0) == "643f21fb93c6fc36e6c036dc33215143");
  CHECK(id_of(no_welcome(), 2) == "fd2790e256a0672f45e8d5e6e6004429");
}

TEST_CASE("a dedupe key names the shopper, the campaign, the day and which one that day") {
  Trigger trigger;
  trigger.date = std::chrono::local_days{2026y / 11 / 22};
  CHECK(make_dedupe_key(kGateway, kShopper, "welcome", trigger) == "2b72d4b6cba93cdb21dcec4c07277d74");
  trigger.ordinal_of_day = 1;
  CHECK(make_dedupe_key(kGateway, kShopper, "welcome", trigger) == "6df8e4b295dda5e59ba7823a57d6d95e");
}

TEST_CASE("only a trigger expires") {
  TriggerEvent event = welcome();
  event.trigger.expires_at = kStarted + 2min;
  CHECK(expires_at(event) == kStarted + 2min);
  CHECK(expires_at(no_welcome()) == std::nullopt);
  CHECK(expires_at(ZoneEnteredEvent{"entrance"}) == std::nullopt);
}

TEST_CASE("a trigger needs the consent to its kind, everything else that to presence") {
  TriggerEvent event = welcome();
  event.kind = CampaignKind::survey;
  CHECK(purpose_needed(event) == Purpose::survey);
  CHECK(purpose_needed(no_welcome()) == Purpose::presence);
  CHECK(purpose_needed(VisitEndedEvent{}) == Purpose::presence);
}

// The worked example of config/contract/README.md, computed there by Python.
TEST_CASE("the receipt of an erasure names nobody, and whoever knows the pseudonym can check it") {
  const WallTime at = kStarted + 4min + 5678ms;  // 2026-11-22T03:04:05.678Z
  const Event receipt = make_erasure_event(kGateway, kShopper, 7, at);
  CHECK(receipt.subject.value() == "e02fe776f12504cf5cf6984611b2141304ab2e58de86256470987c57b1043021");
  CHECK(std::get<ErasureEvent>(receipt.data).proof ==
        "bc685927c33c1dc8e7b44100a0297a274ee354abaa680bab4ef2d4316dce3077");
  CHECK(receipt.time == at);
  CHECK(receipt.visit_id.empty());
  CHECK(event_type(receipt.data) == "com.beacongateway.erasure.completed.v1");
  CHECK(purpose_needed(receipt.data) == std::nullopt);
  CHECK(receipt.id != make_erasure_event(kGateway, kShopper, 8, at).id);
  CHECK(receipt.id == make_erasure_event(kGateway, kShopper, 7, at).id);
}

TEST_CASE("outcomes on the wire") {
  CHECK(name(Outcome::suppressed) == "suppressed");
  CHECK(name(Outcome::expired) == "expired");
  CHECK(name(Outcome::evicted) == "evicted");
}
