// Advertising data -> beacon frames. Total: every sequence of octets gives a result, none allocates, throws or reads
// past its end. The structure walk is Core 5.4, Vol 3 Part C, 11: length octet, type octet, length-1 octets of data.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/beacon/frame.hpp"

namespace beacon_gateway {

// Why an advertisement holds no frame. Each is counted.
enum class DecodeFault : std::uint8_t {
  none,
  no_beacon,  // well-formed, but none of the formats we know
  malformed,  // a structure's length runs past the end; what stood before it was still decoded
};

// The frames of one advertisement, in the order in which they stood. Four is more than 31 octets can hold of any
// format; further ones (in extended advertisements) are left out.
struct Frames {
  static constexpr std::size_t kMost = 4;
  std::array<Frame, kMost> frames{};
  std::uint8_t count = 0;
  DecodeFault fault = DecodeFault::none;

  [[nodiscard]] const Frame* begin() const noexcept { return frames.data(); }
  [[nodiscard]] const Frame* end() const noexcept { return frames.data() + count; }
};

// `token_service_uuids`: whose service data is reported as ServiceData; others are passed over, so that the common
// stranger costs no copy.
[[nodiscard]] Frames decode(std::span<const std::uint8_t> advertising_data,
                            std::span<const Uuid> token_service_uuids) noexcept;

// The URL in clear (Eddystone-URL, "HTTP URL encoding"); octets that the specification reserves are left out.
[[nodiscard]] std::string expand_url(const EddystoneUrl& url);

// A frame in one line for `scan` and for people, with identifiers masked unless `reveal`.
[[nodiscard]] std::string describe(const Frame& frame, bool reveal);

// "ibeacon", "eddystone-uid", ...
[[nodiscard]] std::string_view frame_kind(const Frame& frame) noexcept;

}  // namespace beacon_gateway
