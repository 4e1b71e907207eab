// A message of the orchestrator from any bytes. The first octet chooses: even, the rest is the payload as it came;
// odd, the rest is signed by nobody we trust but says so correctly as far as header and dots go. A message is refused,
// or holds no more than its bounds allow and faults that fit one line each.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "messages/downlink_json.hpp"
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
  const auto* message = std::get_if<ProfilesMessage>(&downlink.content);
  if (message == nullptr) {
    require(!downlink.claims);
    return;
  }
  require(message->revision >= 0);
  require(message->part >= 1 && message->part <= message->parts && message->parts <= kMostParts);
  require(message->withdrawals.size() <= kMostWithdrawals && message->upserts.size() <= kMostUpserts);
  for (const auto& fault : message->faults) beacon_gateway_fuzz::require_printable(fault);
  if (downlink.claims) require(downlink.claims->sequence > 0);
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
  check(read_downlink(DownlinkTopic::store_profiles, payload, kRules), payload.size());
  return 0;
}
