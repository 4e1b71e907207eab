#include "messages/topics.hpp"

#include "messages/status_json.hpp"
#include "tests/catch.hpp"

using beacon_gateway::Topics;

TEST_CASE("topics are those of the contract") {
  const Topics topics({"acme", "bkk-siam-01", "gw-1"});
  CHECK(topics.event("com.beacongateway.trigger.v1") ==
        "beacon-gateway/v1/acme/bkk-siam-01/gw-1/events/com.beacongateway.trigger.v1");
  CHECK(topics.status() == "beacon-gateway/v1/acme/bkk-siam-01/gw-1/status");
  CHECK(topics.health() == "beacon-gateway/v1/acme/bkk-siam-01/gw-1/health");
  CHECK(topics.receipts() == "beacon-gateway/v1/acme/bkk-siam-01/gw-1/receipts");
  CHECK(topics.command() == "beacon-gateway/v1/acme/bkk-siam-01/gw-1/command");
  CHECK(topics.reply() == "beacon-gateway/v1/acme/bkk-siam-01/gw-1/reply");
  CHECK(topics.sync() == "beacon-gateway/v1/acme/bkk-siam-01/gw-1/sync");
  CHECK(topics.gateway_profiles() == "beacon-gateway/v1/acme/bkk-siam-01/gw-1/profiles");
  CHECK(topics.store_profiles() == "beacon-gateway/v1/acme/bkk-siam-01/profiles");
  CHECK(topics.gateway_campaigns() == "beacon-gateway/v1/acme/bkk-siam-01/gw-1/campaigns");
  CHECK(topics.store_campaigns() == "beacon-gateway/v1/acme/bkk-siam-01/campaigns");
  CHECK(topics.presence() == "beacon-gateway/v1/acme/bkk-siam-01/presence");
  CHECK(topics.visits_started() == "beacon-gateway/v1/acme/bkk-siam-01/+/events/com.beacongateway.visit.started.v1");
  CHECK(topics.visits_ended() == "beacon-gateway/v1/acme/bkk-siam-01/+/events/com.beacongateway.visit.ended.v1");
}

TEST_CASE("the status is compact and in the contract's order") {
  CHECK(
      beacon_gateway::status_json({true, "0.1.0", "s1", "2026-11-22T03:00:00.000Z", "abcd"}) ==
      R"({"online":true,"version":"0.1.0","session":"s1","since":"2026-11-22T03:00:00.000Z","configuration":"abcd"})");
}
