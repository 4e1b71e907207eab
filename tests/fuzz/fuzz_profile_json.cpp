// A profile from any bytes: a profile that can be written, read back and shown, or a fault that fits one line.
#include <cstddef>
#include <cstdint>
#include <string>

#include "messages/profile_json.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beacon_gateway;
  const std::string text(data, data + size);
  const auto profile = profile_from_json(text, {"nickname"});
  if (!profile) {
    beacon_gateway_fuzz::require_printable(profile.error().text);
    return 0;
  }
  beacon_gateway_fuzz::require(profile->identifiers.size() <= Profile::kMostIdentifiers);
  // Times are stored to the millisecond: the first writing may cut them, after that nothing changes.
  const std::string stored = profile_to_json(*profile);
  const auto read = stored_profile_from_json(stored);
  beacon_gateway_fuzz::require(read.has_value());
  beacon_gateway_fuzz::require(profile_to_json(*read) == stored);
  beacon_gateway_fuzz::require(!profile_to_masked_json(*read).empty());
  return 0;
}
