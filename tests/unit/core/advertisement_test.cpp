#include "core/advertisement.hpp"

#include <algorithm>
#include <vector>

#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("A payload holds 255 octets and says when it cut") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{31}, Payload::kCapacity, Payload::kCapacity + 1}) {
    const std::vector<std::uint8_t> data(size, 0xA5);
    const Payload payload{data};
    CHECK(payload.size == std::min(size, Payload::kCapacity));
    CHECK(payload.truncated == (size > Payload::kCapacity));
    CHECK(std::ranges::equal(payload.bytes(), std::span{data}.first(payload.size)));
  }
}
