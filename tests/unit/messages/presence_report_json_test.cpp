// What the app says of presence, as it comes in (contract 3.4).
#include "messages/downlink_json.hpp"
#include "messages/text_forms.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

Downlink read(const std::string& fields) {
  return read_downlink(DownlinkTopic::presence, "{" + fields + "}",
                       {{"acme", "bkk-siam-01", "gw-1"}, nullptr, true, {}});
}

}  // namespace

TEST_CASE("a report is read, with its zone or without") {
  const Downlink downlink =
      read(R"("shopper_id":"s-1","zone":"aisle","at":"2026-11-22T10:00:00.5+07:00","nonce":"n-1","more":true)");
  REQUIRE(std::holds_alternative<PresenceReport>(downlink.content));
  const auto& report = std::get<PresenceReport>(downlink.content);
  CHECK(report.shopper_id == ShopperId::parse("s-1"));
  CHECK(report.zone == "aisle");
  CHECK(report.at == wall_time_from_text("2026-11-22T03:00:00.5Z"));
  CHECK(report.nonce == "n-1");
  const Downlink without = read(R"("shopper_id":"s-1","at":"2026-11-22T03:00:00Z","nonce":"n")");
  CHECK_FALSE(std::get<PresenceReport>(without.content).zone);
}

TEST_CASE("a report that is not of its schema is refused") {
  const std::string id = R"("shopper_id":"s-1",)";
  const std::string at = R"("at":"2026-11-22T03:00:00Z",)";
  const std::string nonce = R"("nonce":"n")";
  for (const std::string& fields :
       {at + nonce, id + nonce, id + at + R"("zone":"aisle")", R"("shopper_id":"two words",)" + at + nonce,
        id + R"("at":"yesterday",)" + nonce, id + R"("at":1795316400,)" + nonce, id + at + R"("nonce":"")",
        id + at + R"("nonce":7)", id + at + R"("nonce":")" + std::string(65, 'n') + '"',
        id + at + R"("zone":7,)" + nonce, id + at + R"("zone":null,)" + nonce}) {
    CAPTURE(fields);
    const Downlink downlink = read(fields);
    REQUIRE(std::holds_alternative<DownlinkRefusal>(downlink.content));
    CHECK(std::get<DownlinkRefusal>(downlink.content) == DownlinkRefusal::malformed);
  }
}
