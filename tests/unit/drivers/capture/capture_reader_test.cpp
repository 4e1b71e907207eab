#include "drivers/capture/capture_reader.hpp"

#include "tests/catch.hpp"
#include "tests/unit/drivers/capture/hand_made.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway::capture;
using namespace beacon_gateway_test;

namespace {

const Bytes kDongle{0x00, 0x1B, 0xDC, 0x01, 0x02, 0x03};
constexpr const char* kDongleText = "00:1b:DC:01:02:03";

CaptureReader captures_of(const std::vector<HandMadeCapture>& hand_made, const std::vector<std::string>& scanners) {
  std::vector<BtsnoopReader> captures;
  for (const auto& capture : hand_made) {
    auto reader = reader_of(capture.text(), "capture " + std::to_string(captures.size()));
    REQUIRE(reader.has_value());
    captures.push_back(*std::move(reader));
  }
  return {std::move(captures), scanners};
}

// A legacy event that tells itself apart by its only octet of data.
Bytes numbered(std::uint8_t number) {
  return legacy_event(kStranger, {number});
}

struct Heard {
  int number;
  int scanner;
  double seconds;
  friend bool operator==(const Heard&, const Heard&) = default;
};
[[maybe_unused]] std::ostream& operator<<(std::ostream& out, const Heard& heard) {
  return out << heard.number << " by " << heard.scanner << " at " << heard.seconds;
}

std::vector<Heard> hear_all(CaptureReader& reader) {
  std::vector<Heard> all;
  while (const auto heard = reader.next()) {
    CHECK(heard->instant == capture_instant(heard->instant.wall));
    const std::chrono::duration<double> since = heard->instant.wall - shop_time(0);
    all.push_back({heard->payload.octets[0], heard->scanner, since.count()});
  }
  return all;
}

}  // namespace

TEST_CASE("Captures are merged by time, and at one time the first file goes first, a file's records keep their order") {
  HandMadeCapture a;
  a.event(0, shop_time(1), numbered(1)).event(0, shop_time(3), numbered(2)).event(0, shop_time(3), numbered(3));
  HandMadeCapture b;
  b.event(1, shop_time(0), numbered(4)).event(1, shop_time(3), numbered(5)).event(1, shop_time(9), numbered(6));
  auto reader = captures_of({a, b}, {"hci0", "hci1"});
  CHECK(hear_all(reader) == std::vector<Heard>{{4, 1, 0}, {1, 0, 1}, {2, 0, 3}, {3, 0, 3}, {5, 1, 3}, {6, 1, 9}});
  CHECK(reader.summary().records == 6);
  CHECK(reader.summary().advertisements == 6);
  CHECK(warnings(reader.summary()).empty());
}

TEST_CASE("Time never runs backwards: steps back are counted and take the latest instant") {
  HandMadeCapture capture;
  for (const double at : {5.0, 4.0, 4.5, 6.0}) capture.event(0, shop_time(at), numbered(static_cast<std::uint8_t>(at)));
  auto reader = captures_of({capture}, {"hci0"});
  CHECK(hear_all(reader) == std::vector<Heard>{{5, 0, 5}, {4, 0, 5}, {4, 0, 5}, {6, 0, 6}});
  CHECK(reader.summary().steps_back == 2);
  CHECK(warnings(reader.summary()) == std::vector<std::string>{"2 records step back in time"});
}

TEST_CASE("A scanner is found by its adapter's address, from New Index and from Index Info") {
  HandMadeCapture capture;
  SECTION("New Index") {
    capture.new_index(2, shop_time(0), kDongle);
  }
  SECTION("a New Index that does not know the address yet, then Index Info") {
    capture.new_index(2, shop_time(0), Bytes(6, 0));
    capture.record(2 << 16 | 10, shop_time(0), joined({reversed(kDongle), {0, 0}}));
  }
  SECTION("a New Index that comes back without the address") {
    capture.new_index(2, shop_time(0), kDongle).new_index(2, shop_time(0), Bytes(6, 0));
  }
  capture.event(2, shop_time(1), numbered(1)).event(0, shop_time(2), numbered(2));
  auto reader = captures_of({capture}, {"hci0", kDongleText});
  CHECK(hear_all(reader) == std::vector<Heard>{{1, 1, 1}, {2, 0, 2}});
}

TEST_CASE("The same index in several captures is the same scanner") {
  HandMadeCapture first;
  first.new_index(2, shop_time(0), kDongle).event(2, shop_time(1), numbered(1));
  HandMadeCapture second;  // a rotated one: without New Index
  second.event(2, shop_time(2), numbered(2));
  auto reader = captures_of({first, second}, {"hci0", kDongleText});
  CHECK(hear_all(reader) == std::vector<Heard>{{1, 1, 1}, {2, 1, 2}});

  SECTION("but a capture's own New Index has the last word on its records") {
    HandMadeCapture other_box;
    other_box.new_index(2, shop_time(0), {0, 1, 2, 3, 4, 5}).event(2, shop_time(2), numbered(2));
    auto two_boxes = captures_of({first, other_box}, {"00:01:02:03:04:05", kDongleText});
    CHECK(hear_all(two_boxes) == std::vector<Heard>{{1, 1, 1}, {2, 0, 2}});
  }
}

TEST_CASE("H4 captures are hci0") {
  HandMadeCapture capture{HandMadeCapture::kH4};
  capture.record(3, shop_time(0), joined({{0x04}, numbered(1)}));
  auto reader = captures_of({capture}, {"hci1", "hci0"});
  CHECK(hear_all(reader) == std::vector<Heard>{{1, 1, 0}});
}

TEST_CASE("Advertisements of adapters without a scanner are counted by adapter") {
  HandMadeCapture capture;
  capture.event(7, shop_time(0), numbered(1)).event(7, shop_time(0), numbered(2)).event(0, shop_time(0), numbered(3));
  capture.event(9, shop_time(0), {0x0E, 1, 0});  // no advertisement
  auto reader = captures_of({capture}, {"hci0", "hci", "hci07x", "hci65536"});
  CHECK(hear_all(reader) == std::vector<Heard>{{3, 0, 0}});
  CHECK(reader.summary().unassigned == std::map<std::uint16_t, std::uint64_t>{{7, 2}});
  CHECK(warnings(reader.summary()) == std::vector<std::string>{"hci7: 2 advertisements belong to no scanner"});
}

TEST_CASE("Fragments of one address are not joined across captures") {
  HandMadeCapture a;
  a.event(0, shop_time(0), le_event(0x0D, 1, extended_report(kStranger, 1, 1, {1})));
  HandMadeCapture b;
  b.event(0, shop_time(1), le_event(0x0D, 1, extended_report(kStranger, 1, 0, {2})));
  auto reader = captures_of({a, b}, {"hci0"});
  CHECK(hear_all(reader) == std::vector<Heard>{{2, 0, 1}});
  CHECK(warnings(reader.summary()) == std::vector<std::string>{"1 extended advertisements never became whole"});
}

TEST_CASE("Damage in one capture leaves the others whole and is told once") {
  const HandMadeCapture good =
      HandMadeCapture{}.event(0, shop_time(0), numbered(1)).event(0, shop_time(5), numbered(2));
  const HandMadeCapture cut = HandMadeCapture{}.event(1, shop_time(1), numbered(3)).raw_record(9, 9, 0, 0, {1});
  auto reader = captures_of({good, cut}, {"hci0", "hci1"});
  CHECK(hear_all(reader) == std::vector<Heard>{{1, 0, 0}, {3, 1, 1}, {2, 0, 5}});
  CHECK_FALSE(reader.next().has_value());
  const auto damage = reader.summary().damage;
  REQUIRE(damage.size() == 1);
  CHECK(damage[0].file == "capture 1");
  CHECK(damage[0].offset == 16 + 24 + numbered(3).size());
  CHECK(warnings(reader.summary()).size() == 1);
}

TEST_CASE("Malformed events are counted and reading goes on") {
  HandMadeCapture capture;
  capture.event(0, shop_time(0), {0x3E, 200, 2}).event(0, shop_time(1), numbered(1));
  auto reader = captures_of({capture}, {"hci0"});
  CHECK(hear_all(reader) == std::vector<Heard>{{1, 0, 1}});
  CHECK(warnings(reader.summary()) == std::vector<std::string>{"1 malformed reports"});
}

TEST_CASE("Files are opened together or not at all") {
  const TemporaryFolder folder;
  const auto good = folder.file("good.btsnoop", HandMadeCapture{}.event(0, shop_time(0), numbered(1)).text());
  const auto bad = folder.file("bad.btsnoop", "no capture");
  auto reader = CaptureReader::open({good, good}, {"hci0"});
  REQUIRE(reader.has_value());
  CHECK(hear_all(*reader).size() == 2);
  const auto refused = CaptureReader::open({good, bad}, {"hci0"});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().file == bad.string());
}

TEST_CASE("No captures hold nothing") {
  CaptureReader reader{{}, {"hci0"}};
  CHECK_FALSE(reader.next().has_value());
}
