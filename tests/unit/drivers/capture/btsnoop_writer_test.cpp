#include "drivers/capture/btsnoop_writer.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <functional>
#include <sstream>

#include "drivers/capture/capture_reader.hpp"
#include "tests/catch.hpp"
#include "tests/unit/drivers/capture/hand_made.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway::capture;
using namespace beacon_gateway_test;

namespace {

// What a capture holds after `write` has written to it.
std::string written(const std::function<void(BtsnoopWriter&)>& write) {
  auto stream = std::make_unique<std::ostringstream>();
  const std::ostringstream& text = *stream;
  BtsnoopWriter writer{std::move(stream), "memory"};
  write(writer);
  REQUIRE(writer.flush().has_value());
  return text.str();
}

Advertisement advertisement(const Bytes& data, std::optional<std::int8_t> rssi_dbm = std::int8_t{-60}) {
  return {
      0, {{0xC0, 1, 2, 3, 4, 5}, AddressType::random_static}, rssi_dbm, Payload{data}, capture_instant(shop_time(1))};
}

bool same(const Advertisement& a, const Advertisement& b) {
  return a.address == b.address && a.rssi_dbm == b.rssi_dbm && a.instant == b.instant &&
         std::ranges::equal(a.payload.bytes(), b.payload.bytes()) && a.payload.truncated == b.payload.truncated;
}

std::optional<Advertisement> read_back(const std::string& text) {
  auto capture = reader_of(text);
  std::vector<BtsnoopReader> captures;
  captures.push_back(*std::move(capture));
  return CaptureReader{std::move(captures), {"hci4"}}.next();
}

}  // namespace

TEST_CASE("A short advertisement is written as BlueZ would write it") {
  const std::string text = written([](BtsnoopWriter& writer) {
    writer.add_adapter(4, {0x00, 0x1B, 0xDC, 1, 2, 3}, shop_time(0));
    writer.write(4, advertisement({2, 1, 6}));
  });
  HandMadeCapture expected;
  expected.record(4 << 16, shop_time(0), {0, 0, 3, 2, 1, 0xDC, 0x1B, 0x00, 'h', 'c', 'i', '4', 0, 0, 0, 0});
  expected.event(4, shop_time(1), legacy_event(kStranger, {2, 1, 6}, 0xC4));
  CHECK(text == expected.text());
}

TEST_CASE("Any advertisement reads back as it was written") {
  REQUIRE(rc::check([](std::int8_t rssi, bool random, bool truncated) {
    const auto size = *rc::gen::inRange<std::size_t>(0, Payload::kCapacity + 1);
    Advertisement sent = advertisement(*rc::gen::container<Bytes>(size, rc::gen::arbitrary<std::uint8_t>()));
    sent.payload.truncated = truncated;
    if (!random) sent.address.type = AddressType::public_address;
    sent.rssi_dbm = rssi == 127 ? std::nullopt : std::optional{rssi};
    const auto heard = read_back(written([&](BtsnoopWriter& writer) { writer.write(4, sent); }));
    RC_ASSERT(heard.has_value());
    RC_ASSERT(same(*heard, sent));
  }));
}

TEST_CASE("A capture's file is for its owner alone") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.btsnoop";
  auto writer = BtsnoopWriter::create(file);
  REQUIRE(writer.has_value());
  REQUIRE(writer->flush().has_value());
  using std::filesystem::perms;
  CHECK(std::filesystem::status(file).permissions() == (perms::owner_read | perms::owner_write));
  CHECK(std::filesystem::file_size(file) == kFileHeaderSize);
}

TEST_CASE("A capture never takes the place of a file, and what a cut leaves of it can be read") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.btsnoop";
  auto writer = BtsnoopWriter::create(file);
  REQUIRE(writer.has_value());
  Advertisement sent;
  sent.payload = Payload{std::array<std::uint8_t, 31>{}};
  for (int i = 1; i <= 500; ++i) {  // more than any buffer of the stream
    writer->write(0, sent);
    const auto whole = std::filesystem::file_size(file) - kFileHeaderSize;
    REQUIRE(whole % static_cast<std::uintmax_t>(i) == 0);
    REQUIRE(whole / static_cast<std::uintmax_t>(i) > kRecordHeaderSize);
  }
  const auto again = BtsnoopWriter::create(file);
  REQUIRE_FALSE(again.has_value());
  CHECK_THAT(again.error().message(), ContainsSubstring("there is such a file already"));
  CHECK(std::filesystem::file_size(file) > 500 * kRecordHeaderSize);
}

TEST_CASE("A file that cannot be written is refused, a full disk is told by flush") {
  const auto missing = BtsnoopWriter::create("/nonexistent/a.btsnoop");
  REQUIRE_FALSE(missing.has_value());
  CHECK_THAT(missing.error().message(), ContainsSubstring("No such file"));

  BtsnoopWriter full{std::make_unique<std::ofstream>("/dev/full"), "/dev/full"};
  const auto flushed = full.flush();
  REQUIRE_FALSE(flushed.has_value());
  CHECK_THAT(flushed.error().message(), ContainsSubstring("disk full"));
}
