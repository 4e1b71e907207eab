#include "drivers/capture/btsnoop_reader.hpp"

#include <rapidcheck.h>

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/unit/drivers/capture/hand_made.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway::capture;
using namespace beacon_gateway_test;

namespace {

std::size_t read_all(BtsnoopReader& reader) {
  std::size_t count = 0;
  while (reader.next()) ++count;
  return count;
}

std::string error_of(const std::string& text) {
  const auto reader = reader_of(text);
  REQUIRE_FALSE(reader.has_value());
  return reader.error().message();
}

struct ReadUntilDamage {
  std::size_t records;
  std::optional<CaptureError> damage;
};

ReadUntilDamage read_until_damage(const std::string& text) {
  auto reader = reader_of(text);
  REQUIRE(reader.has_value());
  const std::size_t records = read_all(*reader);
  return {records, reader->damage()};
}

}  // namespace

TEST_CASE("A monitor record says its adapter, opcode, time and data") {
  auto reader =
      reader_of(HandMadeCapture{}.event(3, shop_time(1.5), {1, 2, 3}).record(7 << 16 | 2, shop_time(2), {}).text());
  REQUIRE(reader.has_value());
  const auto event = reader->next();
  REQUIRE(event.has_value());
  CHECK(event->at == shop_time(1.5));
  CHECK(event->adapter == 3);
  CHECK(event->opcode == Opcode::event);
  CHECK(Bytes(event->data.begin(), event->data.end()) == Bytes{1, 2, 3});
  const auto command = reader->next();
  REQUIRE(command.has_value());
  CHECK(command->adapter == 7);
  CHECK(command->opcode == Opcode::other);
  CHECK_FALSE(reader->next().has_value());
  CHECK_FALSE(reader->damage().has_value());
}

TEST_CASE("An H4 capture gives events of adapter 0 without their packet type") {
  HandMadeCapture capture{HandMadeCapture::kH4};
  capture.record(3, shop_time(0), {0x04, 0x3E, 1}).record(2, shop_time(0), {0x01, 9}).record(0, shop_time(0), {});
  auto reader = reader_of(capture.text());
  REQUIRE(reader.has_value());
  const auto event = reader->next();
  REQUIRE(event.has_value());
  CHECK(event->opcode == Opcode::event);
  CHECK(event->adapter == 0);
  CHECK(Bytes(event->data.begin(), event->data.end()) == Bytes{0x3E, 1});
  CHECK(reader->next()->opcode == Opcode::other);
  CHECK(reader->next()->opcode == Opcode::other);
  CHECK_FALSE(reader->damage().has_value());
}

TEST_CASE("What is no capture is refused with a reason") {
  CHECK_THAT(error_of(""), ContainsSubstring("hand-made: at octet 0: empty"));
  CHECK_THAT(error_of("GIF89a, and then some more"), ContainsSubstring("not a btsnoop capture"));
  CHECK_THAT(error_of("btsnoop"), ContainsSubstring("cut short (7 of 16 octets)"));
  CHECK_THAT(error_of(HandMadeCapture{2001, 2}.text()), ContainsSubstring("at octet 8: btsnoop version 2"));
  CHECK_THAT(error_of(HandMadeCapture{1001}.text()), ContainsSubstring("at octet 12: btsnoop datalink 1001"));
}

TEST_CASE("A file that cannot be read is refused with a reason") {
  const TemporaryFolder folder;
  const auto missing = BtsnoopReader::open(folder.path() / "no.btsnoop");
  REQUIRE_FALSE(missing.has_value());
  CHECK_THAT(missing.error().message(), ContainsSubstring("No such file"));
  CHECK_FALSE(BtsnoopReader::open(folder.path()).has_value());
}

TEST_CASE("A capture cut anywhere gives every whole record and says where it was cut") {
  const std::vector<std::size_t> sizes{0, 1, 31, 260};
  HandMadeCapture capture;
  std::vector<std::size_t> ends{capture.text().size()};
  for (const std::size_t size : sizes) {
    capture.event(0, shop_time(0), Bytes(size, 0xA5));
    ends.push_back(capture.text().size());
  }
  for (std::size_t length = 0; length <= capture.text().size(); ++length) {
    auto reader = reader_of(capture.text().substr(0, length));
    REQUIRE(reader.has_value() == (length >= ends.front()));
    if (!reader) continue;
    const std::size_t records = read_all(*reader);
    const auto whole = static_cast<std::size_t>(std::ranges::count_if(ends, [&](auto end) { return end <= length; }));
    REQUIRE(records == whole - 1);
    REQUIRE(reader->damage().has_value() == (ends[records] != length));
    if (reader->damage()) {
      REQUIRE(reader->damage()->offset == ends[records]);
    }
  }
}

TEST_CASE("An absurd record ends the reading") {
  const auto capture = HandMadeCapture{}.event(0, shop_time(0), {1});
  const std::uint64_t good_time = 0x00E329B5AE18D000;

  SECTION("longer than any record") {
    const auto [records, damage] = read_until_damage(
        HandMadeCapture{capture}.raw_record(kMostRecordOctets + 1, kMostRecordOctets + 1, 3, good_time, {}).text());
    CHECK(records == 1);
    REQUIRE(damage.has_value());
    CHECK(damage->offset == 41);
    CHECK_THAT(damage->text, ContainsSubstring("claims 65541 octets"));
  }
  SECTION("with more octets than there were") {
    CHECK(read_until_damage(HandMadeCapture{capture}.raw_record(1, 2, 3, good_time, {1, 2}).text()).damage.has_value());
  }
  SECTION("before 1970 or after 2099") {
    for (const std::uint64_t time : {std::uint64_t{0}, kUnixEpoch - 1, ~std::uint64_t{0}, std::uint64_t{1} << 63,
                                     kUnixEpoch + static_cast<std::uint64_t>(kLatest.time_since_epoch().count())}) {
      const auto [records, damage] = read_until_damage(HandMadeCapture{capture}.raw_record(1, 1, 3, time, {1}).text());
      CHECK(records == 1);
      REQUIRE(damage.has_value());
      CHECK_THAT(damage->text, ContainsSubstring("1970"));
    }
  }
  SECTION("but one of which only a part was kept, or that is as long as can be, is good") {
    const auto [records, damage] = read_until_damage(HandMadeCapture{capture}
                                                         .raw_record(9, 1, 3, good_time, {1})
                                                         .event(0, shop_time(0), Bytes(kMostRecordOctets, 7))
                                                         .text());
    CHECK(records == 3);
    CHECK_FALSE(damage.has_value());
  }
}

TEST_CASE("Any octets after a good header end in records and at most one damage") {
  REQUIRE(rc::check([](const std::string& noise) {
    auto reader = reader_of(HandMadeCapture{}.text() + noise);
    RC_ASSERT(reader.has_value());
    const std::size_t records = read_all(*reader);
    RC_ASSERT(records * kRecordHeaderSize <= noise.size());
    RC_ASSERT(noise.empty() || records > 0 || reader->damage().has_value());
    RC_ASSERT_FALSE(reader->next().has_value());
  }));
}
