// What is sent is what others read: the decoder's iBeacon, and the examples of LINE's own specification.
#include "core/beacon/wake_up.hpp"

#include <algorithm>

#include "core/beacon/decode.hpp"
#include "tests/catch.hpp"

namespace beacon_gateway {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr Uuid kOurs{0x5A, 0x4B, 0xCF, 0xCE, 0x17, 0x4E, 0x4B, 0xAC, 0xA8, 0x14, 0x09, 0x2E, 0x77, 0xF6, 0xB7, 0xE5};
constexpr LineBeacon kLine{{0x32, 0xAF, 0x51, 0x9E, 0x88}};

std::string counting_key() {
  std::string key;
  for (char octet = 0; octet < 32; ++octet) key += octet;
  return key;
}

WakeUpBeacon rotating(std::variant<IBeacon, LineBeacon> identity) {
  return {identity, BeaconRotation{counting_key(), std::chrono::minutes{15}}};
}

Bytes on_air(const WakeUpFrame& frame) {
  const bool line = frame.carrier == WakeUpFrame::Carrier::line_service_data;
  Bytes payload{0x02, 0x01, 0x06, static_cast<std::uint8_t>(frame.data.size() + 3)};
  const Bytes head = line ? Bytes{0x16, 0x6F, 0xFE} : Bytes{0xFF, 0x4C, 0x00};
  payload.insert(payload.end(), head.begin(), head.end());
  payload.insert(payload.end(), frame.data.begin(), frame.data.end());
  return payload;
}

IBeacon heard(const WakeUpFrame& frame) {
  const Frames frames = decode(on_air(frame), {});
  REQUIRE(frames.count == 1);
  REQUIRE(std::holds_alternative<IBeacon>(frames.frames[0]));
  return std::get<IBeacon>(frames.frames[0]);
}

constexpr WallTime at(std::int64_t unix_seconds) {
  return WallTime{std::chrono::seconds{unix_seconds}};
}

}  // namespace

TEST_CASE("an iBeacon is read back as it was meant") {
  const IBeacon beacon{kOurs, 12, 0x0102, -59};
  CHECK(heard(wake_up_frame({beacon, {}}, 0)) == beacon);
}

TEST_CASE("a LINE beacon has the octets of LINE's specification") {
  CHECK(wake_up_frame({kLine, {}}, 0) ==
        WakeUpFrame{WakeUpFrame::Carrier::line_service_data, {0x02, 0x32, 0xAF, 0x51, 0x9E, 0x88, 0x7F, 0x00}});
}

TEST_CASE("what rotates has the values of docs/rotating-beacon.md, and nothing else changes") {
  const WakeUpBeacon first = rotating(IBeacon{kOurs, 12, 1, -59});
  CHECK(rotation_number(first, at(1'795'219'200)) == 1994688);
  CHECK(rotation_number(first, at(1'795'220'099)) == 1994688);
  CHECK(rotation_number(first, at(1'795'220'100)) == 1994689);
  CHECK(heard(wake_up_frame(first, 1994688)) == IBeacon{kOurs, 12, 46710, -59});
  CHECK(heard(wake_up_frame(first, 1994689)) == IBeacon{kOurs, 12, 17260, -59});
  CHECK(heard(wake_up_frame(rotating(IBeacon{kOurs, 12, 2, -59}), 1994689)).minor == 43826);
  CHECK(wake_up_frame(rotating(kLine), 1994688).data ==
        Bytes{0x02, 0x32, 0xAF, 0x51, 0x9E, 0x88, 0x7F, 0x40, 0xBE, 0x57, 0x85, 0x03, 0x60, 0xEA, 0xAC});
}

TEST_CASE("without rotation and before 1970 there is one period") {
  CHECK(rotation_number({kLine, {}}, at(1'795'219'200)) == 0);
  CHECK(rotation_number(rotating(kLine), at(-5)) == 0);
}

TEST_CASE("a beacon is known in what was heard by its mark alone") {
  const auto shows = [](const Bytes& payload, const WakeUpFrame& frame) {
    const Bytes mark = air_mark(frame);
    return !std::ranges::search(payload, mark).empty();
  };
  const WakeUpFrame ours = wake_up_frame({IBeacon{kOurs, 12, 1, -59}, {}}, 0);
  CHECK(shows(on_air(ours), ours));
  CHECK(shows(on_air(wake_up_frame({IBeacon{kOurs, 12, 1, -80}, {}}, 0)), ours));
  CHECK_FALSE(shows(on_air(wake_up_frame({IBeacon{kOurs, 12, 2, -59}, {}}, 0)), ours));
  CHECK_FALSE(shows(on_air(wake_up_frame({kLine, {}}, 0)), ours));
  const WakeUpFrame line = wake_up_frame({kLine, {}}, 0);
  CHECK(shows(on_air(wake_up_frame(rotating(kLine), 7)), line));
}

}  // namespace beacon_gateway
