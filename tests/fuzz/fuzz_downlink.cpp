// A message of the orchestrator, or of another gateway, from any bytes. The first octet chooses: even, the rest is the
// payload as it came, and its next two bits choose the topic; odd, the rest is signed by nobody we trust but says so
// correctly as far as header and dots go. A message is refused, or holds no more than its bounds allow and faults that
// fit one line each.
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "messages/downlink_json.hpp"
#include "messages/other_visit_json.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace beacon_gateway;
using beacon_gateway_fuzz::require;

// The public key of RFC 8037, A.1.
DownlinkRules rules() {
  const auto file = std::filesystem::temp_directory_path() / ("fuzz-downlink-" + std::to_string(::getpid()) + ".pem");
  std::ofstream{file} << "-----BEGIN PUBLIC KEY-----\n"
                         "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                         "-----END PUBLIC KEY-----\n";
  auto keys = TrustedKeys::read({file});
  std::filesystem::remove(file);
  require(keys.has_value());
  return {{"acme", "bkk-siam-01", "gw-1"}, std::make_shared<const TrustedKeys>(std::move(*keys)), true, {"nickname"}};
}

void check(const Downlink& downlink, std::size_t size) {
  require(downlink.octets == size);
  if (std::holds_alternative<DownlinkRefusal>(downlink.content)) return require(!downlink.claims);
  if (downlink.claims) require(downlink.claims->sequence > 0);
  if (const auto* command = std::get_if<Command>(&downlink.content)) {
    beacon_gateway_fuzz::require_printable(command->word);
    require(command->shopper.has_value() == (command->kind == CommandKind::erase));
  }
  if (const auto* report = std::get_if<PresenceReport>(&downlink.content))
    require(!report->nonce.empty() && report->nonce.size() <= 64);
  if (const auto* other = std::get_if<OtherVisit>(&downlink.content))
    require(other->gateway == "gw-2" && other->visit_id.size() == 32 && other->continues >= 0);
  const auto* message = std::get_if<ProfilesMessage>(&downlink.content);
  if (message == nullptr) return;
  require(message->revision >= 0);
  require(message->part >= 1 && message->part <= message->parts && message->parts <= kMostParts);
  require(message->withdrawals.size() <= kMostWithdrawals && message->upserts.size() <= kMostUpserts);
  for (const auto& fault : message->faults) beacon_gateway_fuzz::require_printable(fault);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const DownlinkRules kRules = rules();
  if (size == 0) return 0;
  std::string payload(data + 1, data + size);
  if (data[0] % 2 == 1) {
    const auto compact = base64url_text(R"({"alg":"EdDSA"})") + "." + base64url_text(payload) + "." +
                         base64url_text(std::string(64, 's'));
    const auto verified = verify(compact, *kRules.trusted_keys);
    require(!verified && verified.error() == DownlinkRefusal::bad_signature);
    const auto octets = octets_from_base64url(payload);
    require(!octets || base64url_text(*octets) == payload);
    return 0;
  }
  constexpr std::array kTopics{DownlinkTopic::store_profiles, DownlinkTopic::command, DownlinkTopic::presence};
  const std::size_t topic = data[0] / 2 % (kTopics.size() + 1);
  if (topic < kTopics.size()) {
    check(read_downlink(kTopics.at(topic), payload, kRules), payload.size());
    return 0;
  }
  constexpr const char* kStarted = "beacon-gateway/v1/acme/bkk-siam-01/gw-2/events/com.beacongateway.visit.started.v1";
  const auto other = read_other_visit(kStarted, payload, kRules.name);
  require(other.has_value());
  check(*other, payload.size());
  return 0;
}
