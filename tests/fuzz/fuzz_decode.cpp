// Any advertising data: the frames keep their bounds, and what people see of them is one clean line.
#include <algorithm>
#include <span>
#include <vector>

#include "core/beacon/decode.hpp"
#include "core/identity/identifier.hpp"
#include "tests/fuzz/require.hpp"

using namespace beacon_gateway;
using beacon_gateway_fuzz::require;
using beacon_gateway_fuzz::require_printable;

namespace {

void check_sizes(const Frame& frame) {
  if (const auto* url = std::get_if<EddystoneUrl>(&frame)) require(url->encoded_size <= url->encoded.size());
  if (const auto* token = std::get_if<ServiceData>(&frame)) require(token->size <= token->data.size());
}

void check_text(const Frame& frame) {
  require_printable(describe(frame, false));
  require_printable(describe(frame, true));
  require(describe(frame, true).starts_with(frame_kind(frame)));
  if (const auto* ibeacon = std::get_if<IBeacon>(&frame)) require_printable(identifier_of(*ibeacon).masked());
}

void check(std::span<const std::uint8_t> data, const std::vector<Uuid>& token_services) {
  const Frames frames = decode(data, token_services);
  require(frames.count <= Frames::kMost);
  require(frames.count > 0 || frames.fault != DecodeFault::none);
  require(frames.count == 0 || frames.fault != DecodeFault::no_beacon);
  require(std::ranges::equal(frames, decode(data, token_services)));
  for (const Frame& frame : frames) {
    require(!token_services.empty() || !std::holds_alternative<ServiceData>(frame));
    check_sizes(frame);
    check_text(frame);
  }
}

}  // namespace

// The last 16 octets are tried as a token service's UUID too, in the order in which they are on the air.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span input{data, size};
  check(input, {});
  Uuid service{};
  if (size >= service.size()) {
    std::ranges::reverse_copy(input.last(service.size()), service.begin());
    check(input.first(size - service.size()), {service});
  }
  return 0;
}
