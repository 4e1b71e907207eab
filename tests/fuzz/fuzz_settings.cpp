// gateway.toml and a campaign file from any bytes: settings or an error, never neither, and every fault can be shown.
#include <cstddef>
#include <cstdint>
#include <string>

#include "settings/read_settings.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beacon_gateway;
  const std::string text(data, data + size);
  const SettingsResult result = read_settings({{"gateway.toml", text}, {"campaigns.d/c.toml", text}}, "/etc/x");
  beacon_gateway_fuzz::require(result.settings.has_value() != any_error(result.faults));
  for (const Fault& fault : result.faults) {
    beacon_gateway_fuzz::require(!rendered(fault).empty());
    beacon_gateway_fuzz::require_printable(as_json(fault));
  }
  return 0;
}
