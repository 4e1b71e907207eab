#include "messages/text_forms.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kLastMillisecond = 7'289'654'399'999;  // 2200-12-31T23:59:59.999Z

WallTime milliseconds(std::int64_t since) {
  return WallTime{std::chrono::milliseconds{since}};
}

std::int64_t micros(std::string_view text) {
  const auto at = wall_time_from_text(text);
  return at ? at->time_since_epoch().count() : -1;
}

std::string without(std::string text, std::size_t at) {
  return text.erase(at, 1);
}

}  // namespace

TEST_CASE("a time is written to the millisecond, cut and not rounded") {
  CHECK(wall_time_text(WallTime{}) == "1970-01-01T00:00:00.000Z");
  CHECK(wall_time_text(WallTime{1'795'000'000'123'999us}) == "2026-11-18T11:06:40.123Z");
  CHECK(wall_time_text(WallTime{-1us}) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("a time is read with decimals and offset") {
  CHECK(micros("2026-11-18T11:06:40Z") == 1'795'000'000'000'000);
  CHECK(micros("2026-11-18T11:06:40.5Z") == 1'795'000'000'500'000);
  CHECK(micros("2026-11-18T11:06:40.123456Z") == 1'795'000'000'123'456);
  CHECK(micros("2026-11-18T11:06:40.123456789Z") == 1'795'000'000'123'456);
  CHECK(micros("2026-11-18T18:06:40+07:00") == 1'795'000'000'000'000);
  CHECK(micros("2026-11-18T01:36:40-09:30") == 1'795'000'000'000'000);
  CHECK(micros("2024-02-29T00:00:00Z") > 0);
}

TEST_CASE("a time in any other form is not read") {
  const auto* const text = GENERATE(
      "", "2026-11-18", "2026-11-18T12:26Z", "2026-11-18 11:06:40Z", "2026-11-18t11:06:40Z", "2026-11-18T11:06:40",
      "2026-11-18T11:06:40z", "2026-11-18T11:06:40.Z", "2026-11-18T11:06:40.1234567890Z", "2026-11-18T24:00:00Z",
      "2026-11-18T12:60:00Z", "2026-11-18T12:26:60Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
      "2026-00-01T00:00:00Z", "2026-11-00T00:00:00Z", "1969-12-31T23:59:59Z", "2569-11-18T11:06:40Z",
      "2026-11-18T11:06:40+0700", "2026-11-18T11:06:40+24:00", "2026-11-18T11:06:40Z ", " 2026-11-18T11:06:40Z",
      "2026-1-18T11:06:40Z", "2026-11-18T-2:26:40Z", "2026-11-18T+2:26:40Z", "12026-11-18T11:06:40Z");
  CHECK_FALSE(wall_time_from_text(text));
}

TEST_CASE("an offset does not lead out of the years that can be read back") {
  CHECK_FALSE(wall_time_from_text("1970-01-01T00:00:00+07:00"));
  CHECK_FALSE(wall_time_from_text("2200-12-31T23:00:00-07:00"));
  CHECK(wall_time_from_text("1970-01-01T07:00:00+07:00") == WallTime{});
}

TEST_CASE("times, days, UUIDs and octets come back as they were written") {
  CHECK(rc::check("times", [] {
    const WallTime at = milliseconds(*rc::gen::inRange<std::int64_t>(0, kLastMillisecond + 1));
    RC_ASSERT(wall_time_from_text(wall_time_text(at)) == at);
  }));
  CHECK(rc::check("days", [] {
    const std::chrono::sys_days day{std::chrono::days{*rc::gen::inRange(0, 84'000)}};
    RC_ASSERT(day_from_text(day_text(day)) == day);
  }));
  CHECK(rc::check("UUIDs", [] {
    const auto uuid = *rc::gen::arbitrary<Uuid>();
    RC_ASSERT(uuid_from_text(uuid_text(uuid)) == uuid);
  }));
  CHECK(rc::check("octets", [] {
    const auto octets = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
    std::vector<std::uint8_t> read(octets.size());
    RC_ASSERT(octets_from_hex(hex_text(octets), read));
    RC_ASSERT(read == octets);
  }));
}

TEST_CASE("a time is read whole or not at all: no text one character shorter is one") {
  const std::string good = "2026-11-18T11:06:40Z";
  for (std::size_t i = 0; i < good.size(); ++i) {
    INFO(without(good, i));
    CHECK_FALSE(wall_time_from_text(without(good, i)));
  }
}

TEST_CASE("days") {
  CHECK(day_text(std::chrono::sys_days{}) == "1970-01-01");
  for (const auto* bad : {"", "2026-11-31", "2026-11-3", "2026/11/03", "2026-11-03T", "1969-12-31", "2569-01-01"})
    CHECK_FALSE(day_from_text(bad));
}

TEST_CASE("hex takes either case and exactly the length") {
  std::array<std::uint8_t, 2> octets{};
  CHECK(octets_from_hex("aF09", octets));
  CHECK(octets == std::array<std::uint8_t, 2>{0xAF, 0x09});
  for (const auto* bad : {"", "af0", "af090", "af0g", "0xaf", "af 9", "-f09"})
    CHECK_FALSE(octets_from_hex(bad, octets));
}

TEST_CASE("a UUID has its dashes in their places") {
  const std::string good = "5a4bcfce-174e-4bac-a814-092e77f6b7e5";
  REQUIRE(uuid_from_text(good));
  CHECK(uuid_text(*uuid_from_text("5A4BCFCE-174E-4BAC-A814-092E77F6B7E5")) == good);
  for (std::size_t i = 0; i < good.size(); ++i) CHECK_FALSE(uuid_from_text(without(good, i)));
  for (const auto* bad : {"5a4bcfce174e4baca814092e77f6b7e5", "{a4bcfce-174e-4bac-a814-092e77f6b7e}",
                          "5a4bcfc-e174e-4bac-a814-092e77f6b7e5", "5a4bcfce-174e-4bac-a814-092e77f6b7e-"})
    CHECK_FALSE(uuid_from_text(bad));
}

TEST_CASE("what is shown to people is one short line") {
  CHECK(printable("มะลิ") == "มะลิ");
  CHECK(printable("a\nb\x1B[31m\x7F") == "a?b?[31m?");
  CHECK(printable(std::string(200, 'x')).size() == 64);
}
