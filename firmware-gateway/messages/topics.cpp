#include "messages/topics.hpp"

namespace beacon_gateway {

namespace {

constexpr std::string_view kRoot = "beacon-gateway/v1/";
constexpr std::string_view kAnyGateway = "+/";
constexpr std::string_view kEvents = "events/";
constexpr std::string_view kVisitStarted = "com.beacongateway.visit.started.v1";
constexpr std::string_view kVisitEnded = "com.beacongateway.visit.ended.v1";

}  // namespace

Topics::Topics(const GatewayName& name)
    : tenant_(std::string{kRoot} + name.tenant + "/"),
      store_(tenant_ + name.store + "/"),
      gateway_(store_ + name.id + "/") {}

std::string Topics::event(std::string_view type) const {
  return gateway_ + std::string{kEvents} + std::string{type};
}
std::string Topics::status() const {
  return gateway_ + "status";
}
std::string Topics::health() const {
  return gateway_ + "health";
}
std::string Topics::reply() const {
  return gateway_ + "reply";
}
std::string Topics::sync() const {
  return gateway_ + "sync";
}

std::string Topics::receipts() const {
  return gateway_ + "receipts";
}
std::string Topics::command() const {
  return gateway_ + "command";
}
std::string Topics::gateway_profiles() const {
  return gateway_ + "profiles";
}
std::string Topics::store_profiles() const {
  return store_ + "profiles";
}
std::string Topics::presence() const {
  return store_ + "presence";
}
std::string Topics::gateway_campaigns() const {
  return gateway_ + "campaigns";
}
std::string Topics::store_campaigns() const {
  return store_ + "campaigns";
}

bool Topics::may_reply_to(std::string_view topic) const {
  constexpr std::size_t kLongest = 256;
  constexpr std::string_view kForbidden{"+#\0", 3};
  if (topic.size() > kLongest || !topic.starts_with(tenant_) ||
      topic.find_first_of(kForbidden) != std::string_view::npos)
    return false;
  const std::string levels = std::string{topic.substr(tenant_.size() - 1)} + "/";
  return levels.find("/reply/") != std::string::npos;
}

std::string Topics::visits_started() const {
  return store_ + std::string{kAnyGateway} + std::string{kEvents} + std::string{kVisitStarted};
}
std::string Topics::visits_ended() const {
  return store_ + std::string{kAnyGateway} + std::string{kEvents} + std::string{kVisitEnded};
}

}  // namespace beacon_gateway
