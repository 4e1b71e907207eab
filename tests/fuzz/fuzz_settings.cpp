// gateway.toml, a campaign file and calibration.toml from any bytes: settings or an error, never neither, and every
// fault can be shown.
#include <cstddef>
#include <cstdint>
#include <string>

#include "settings/read_settings.hpp"
#include "tests/fuzz/require.hpp"

namespace {

void read(const beacon_gateway::SettingsResult& result) {
  using namespace beacon_gateway;
  beacon_gateway_fuzz::require(result.settings.has_value() != any_error(result.faults));
  for (const Fault& fault : result.faults) {
    beacon_gateway_fuzz::require(!rendered(fault).empty());
    beacon_gateway_fuzz::require_printable(as_json(fault));
  }
}

// Without faults of its own, so that the calibration is looked at.
constexpr const char* kGateway = R"(gateway = { tenant = "a", store = "b", id = "c" }
zone = [{ id = "entrance", entrance = true }, { id = "aisle" }]
scanner = [{ adapter = "hci0", zone = "entrance" }, { adapter = "hci1", zone = "aisle" }]
identity = { ibeacon_uuids = ["5a4bcfce-174e-4bac-a814-092e77f6b7e5"] }
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beacon_gateway;
  const std::string text(data, data + size);
  read(read_settings({{"gateway.toml", text}, {"campaigns.d/c.toml", text}}, "/etc/x"));
  static const bool gateway_is_good = read_settings({{"gateway.toml", kGateway}}, "/etc/x").settings.has_value();
  beacon_gateway_fuzz::require(gateway_is_good);
  read(read_settings({{"gateway.toml", kGateway}, {"calibration.toml", text}}, "/etc/x"));
  return 0;
}
