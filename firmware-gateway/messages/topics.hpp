// Every MQTT topic of the contract (3.4), built in this one place. Names are not checked here: settings accept only
// [a-z0-9-]{1,32}, so no level can hold a wildcard or a slash.
#pragma once

#include <string>
#include <string_view>

#include "core/gateway_name.hpp"

namespace beacon_gateway {

class Topics {
 public:
  explicit Topics(const GatewayName& name);

  // Up.
  [[nodiscard]] std::string event(std::string_view type) const;  // `type`: the whole CloudEvents type
  [[nodiscard]] std::string status() const;                      // retained; the will's topic too
  [[nodiscard]] std::string health() const;
  [[nodiscard]] std::string reply() const;  // where a command names no Response Topic
  [[nodiscard]] std::string sync() const;

  // Down.
  [[nodiscard]] std::string receipts() const;
  [[nodiscard]] std::string command() const;
  [[nodiscard]] std::string gateway_profiles() const;
  [[nodiscard]] std::string store_profiles() const;
  [[nodiscard]] std::string presence() const;
  [[nodiscard]] std::string gateway_campaigns() const;
  [[nodiscard]] std::string store_campaigns() const;

  // Whether an answer may be published there: within our tenant, below or at a level `reply`, so that no answer can be
  // taken for another message of the contract, and no wildcard.
  [[nodiscard]] bool may_reply_to(std::string_view topic) const;

  // From the side: the visits of every gateway of the store, our own included.
  [[nodiscard]] std::string visits_started() const;
  [[nodiscard]] std::string visits_ended() const;

 private:
  std::string tenant_;   // "beacon-gateway/v1/TENANT/"
  std::string store_;    // `tenant_` and "STORE/"
  std::string gateway_;  // `store_` and "GATEWAY/"
};

}  // namespace beacon_gateway
