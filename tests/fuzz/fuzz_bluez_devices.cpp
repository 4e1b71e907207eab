// Any run of changes of any devices: the table stays bounded, and what is heard is whole AD structures of what came in.
#include <algorithm>
#include <span>

#include "core/beacon/decode.hpp"
#include "drivers/bluez/devices.hpp"
#include "tests/fuzz/require.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway::bluez;
using beacon_gateway_fuzz::require;

namespace {

constexpr std::size_t kMostDevices = 4;

// Takes octets from the front; zeros when none are left.
struct Input {
  std::span<const std::uint8_t> rest;

  std::uint8_t octet() {
    const std::uint8_t value = rest.empty() ? std::uint8_t{0} : rest[0];
    rest = rest.subspan(std::min<std::size_t>(1, rest.size()));
    return value;
  }
  std::span<const std::uint8_t> some() {
    const auto taken = rest.first(std::min<std::size_t>(octet(), rest.size()));
    rest = rest.subspan(taken.size());
    return taken;
  }
};

Uuid service(std::uint8_t what) {  // of each width
  Uuid uuid{0, 0, 0xFE, 0xAA, 0, 0, 0x10, 0, 0x80, 0, 0, 0x80, 0x5F, 0x9B, 0x34, 0xFB};
  if ((what & 1U) != 0) uuid[15] = what;
  if ((what & 2U) != 0) uuid[0] = what;
  return uuid;
}

DeviceChange change_from(Input& input) {
  DeviceChange change;
  const std::uint8_t what = input.octet();
  if ((what & 1U) != 0) change.rssi_dbm = static_cast<std::int16_t>(input.octet() * 256 + input.octet());
  if ((what & 2U) != 0) change.random = (what & 128U) != 0;
  if ((what & 4U) != 0) change.address = AddressOctets{0xC0, input.octet()};
  if ((what & 8U) != 0)
    for (change.manufacturer.emplace();
         input.octet() % 2 != 0 && change.manufacturer->size() < DeviceChange::kMostParts;)
      change.manufacturer->push_back({input.octet(), input.some()});
  if ((what & 16U) != 0)
    for (change.services.emplace(); input.octet() % 2 != 0 && change.services->size() < DeviceChange::kMostParts;)
      change.services->push_back({service(input.octet()), input.some()});
  if ((what & 32U) != 0)
    for (change.service_uuids.emplace();
         input.octet() % 2 != 0 && change.service_uuids->size() < DeviceChange::kMostUuids;)
      change.service_uuids->push_back(service(input.octet()));
  return change;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Devices devices{kMostDevices};
  Input input{{data, size}};
  Instant now;
  while (!input.rest.empty()) {
    const std::uint8_t which = input.octet();
    const auto told = static_cast<Told>(which / 2 % 2);
    const DeviceChange change = change_from(input);
    now = later(now, std::chrono::seconds{1});
    const Heard heard = devices.merge(which % 2, AddressOctets{0xC0, 0, 0, 0, 0, which}, change, told, now);
    require(devices.size() <= kMostDevices);
    require(!heard.since_last || *heard.since_last > Duration{});
    if (!heard.advertisement) continue;
    require(!heard.type_missing);
    const Payload& payload = heard.advertisement->payload;
    const Frames frames = decode(payload.bytes(), {});
    require(payload.truncated || frames.fault != DecodeFault::malformed);
    if (which == 255) devices.forget(0);
  }
  return 0;
}
