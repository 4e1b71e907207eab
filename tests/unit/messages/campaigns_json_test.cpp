// Campaigns as they come in, and the answer to them (contract 3.4). What the text says is not judged here.
#include "messages/downlink_json.hpp"
#include "messages/reply_json.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

Downlink read(const std::string& fields) {
  return read_downlink(DownlinkTopic::store_campaigns, "{" + fields + "}",
                       {{"acme", "bkk-siam-01", "gw-1"}, nullptr, true, {}});
}

DownlinkRefusal refusal(const std::string& fields) {
  const Downlink downlink = read(fields);
  REQUIRE(std::holds_alternative<DownlinkRefusal>(downlink.content));
  return std::get<DownlinkRefusal>(downlink.content);
}

}  // namespace

TEST_CASE("a set of campaigns is its version and its text as it stands") {
  const Downlink downlink = read(R"("version":7,"campaigns_toml":"[[campaign]]\nid = \"ไทย\"\n","later":1)");
  CHECK(downlink.topic == DownlinkTopic::store_campaigns);
  REQUIRE(std::holds_alternative<CampaignSet>(downlink.content));
  CHECK(std::get<CampaignSet>(downlink.content) == CampaignSet{7, "[[campaign]]\nid = \"ไทย\"\n"});
}

TEST_CASE("campaigns that are not of their schema, or not for this gateway, are refused as a whole") {
  CHECK(refusal(R"("version":7)") == DownlinkRefusal::malformed);
  CHECK(refusal(R"("campaigns_toml":"")") == DownlinkRefusal::malformed);
  CHECK(refusal(R"("version":0,"campaigns_toml":"")") == DownlinkRefusal::malformed);
  CHECK(refusal(R"("version":9007199254740992,"campaigns_toml":"")") == DownlinkRefusal::malformed);
  CHECK(refusal(R"("version":"7","campaigns_toml":"")") == DownlinkRefusal::malformed);
  CHECK(refusal(R"("version":7,"campaigns_toml":["a"])") == DownlinkRefusal::malformed);
  CHECK(refusal(R"("version":7,"campaigns_toml":"","gateway":"gw-2")") == DownlinkRefusal::other_gateway);
}

TEST_CASE("the answer to campaigns says which version it is about") {
  CommandReply reply;
  reply.command = "campaigns";
  reply.version = 7;
  CHECK(reply_json(reply) == R"({"command":"campaigns","version":7,"ok":true})");
  reply.refusal = CommandRefusal::faulty;
  reply.detail = "line 4, column 9: …";
  CHECK(reply_json(reply) ==
        R"({"command":"campaigns","version":7,"ok":false,"error":"faulty","detail":"line 4, column 9: …"})");
}
