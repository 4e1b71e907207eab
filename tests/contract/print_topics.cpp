// Prints every topic of the gateway, with placeholders for the names, one a line: for validate_asyncapi.py.
#include <array>
#include <iostream>
#include <string>

#include "messages/topics.hpp"

namespace {

// Contract 3.3.
constexpr std::array kEventTypes{"com.beacongateway.visit.started.v1",    "com.beacongateway.zone.entered.v1",
                                 "com.beacongateway.zone.left.v1",        "com.beacongateway.visit.ended.v1",
                                 "com.beacongateway.trigger.v1",          "com.beacongateway.decision.v1",
                                 "com.beacongateway.erasure.completed.v1"};

// The other gateways' topics are theirs by the same address.
std::string with_placeholder(std::string topic) {
  const auto wildcard = topic.find('+');
  return wildcard == std::string::npos ? topic : topic.replace(wildcard, 1, "{gateway}");
}

}  // namespace

int main() {
  const beacon_gateway::Topics topics({"{tenant}", "{store}", "{gateway}"});
  for (const auto* type : kEventTypes) std::cout << topics.event(type) << '\n';
  for (const auto& topic :
       {topics.status(), topics.health(), topics.reply(), topics.sync(), topics.receipts(), topics.command(),
        topics.gateway_profiles(), topics.store_profiles(), topics.presence(), topics.gateway_campaigns(),
        topics.store_campaigns(), topics.visits_started(), topics.visits_ended()})
    std::cout << with_placeholder(topic) << '\n';
}
