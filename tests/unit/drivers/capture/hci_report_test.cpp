#include "drivers/capture/hci_report.hpp"

#include <rapidcheck.h>

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/unit/drivers/capture/hand_made.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway::capture;
using namespace beacon_gateway_test;

namespace {

// A reader and what it has given so far.
struct Heard {
  ReportReader reader;
  std::vector<Report> reports;

  Heard& read(const Bytes& event, std::uint32_t origin = 0) {
    reader.read(origin, event, reports);
    return *this;
  }
  Heard& extended(std::uint8_t set_id, std::uint8_t status, const Bytes& data, const Bytes& address = kStranger) {
    return read(le_event(0x0D, 1, extended_report(address, set_id, status, data)));
  }
};

Bytes data_of(const Report& report) {
  return {report.payload.bytes().begin(), report.payload.bytes().end()};
}

}  // namespace

TEST_CASE("A legacy report gives address, RSSI and data") {
  Heard heard;
  heard.read(legacy_event(kStranger, {2, 1, 6}, 0xC4));
  REQUIRE(heard.reports.size() == 1);
  CHECK(heard.reports[0].address.text() == "C0:01:02:03:04:05");
  CHECK(heard.reports[0].address.type == AddressType::random_static);
  CHECK(heard.reports[0].rssi_dbm == -60);
  CHECK(data_of(heard.reports[0]) == Bytes{2, 1, 6});
}

TEST_CASE("Several reports in an event stand one after another") {
  Heard heard;
  const Bytes other{0x40, 9, 8, 7, 6, 5};
  heard.read(le_event(0x02, 3,
                      joined({legacy_report(kStranger, {1, 2}, 0xC4), legacy_report(other, {}, 0xB0),
                              legacy_report(kStranger, Bytes(31, 7), 0xC5)})));
  REQUIRE(heard.reports.size() == 3);
  CHECK(heard.reports[1].address.type == AddressType::random_resolvable);
  CHECK(heard.reports[1].rssi_dbm == -80);
  CHECK(data_of(heard.reports[2]) == Bytes(31, 7));
  CHECK(heard.reader.dropped() == DroppedReports{});
}

TEST_CASE("An RSSI of 127 is none") {
  Heard heard;
  heard.read(legacy_event(kStranger, {}, 127)).read(legacy_event(kStranger, {}, 20));
  REQUIRE(heard.reports.size() == 2);
  CHECK_FALSE(heard.reports[0].rssi_dbm.has_value());
  CHECK(heard.reports[1].rssi_dbm == 20);
}

TEST_CASE("Public, random and resolved addresses keep their kind, unknown kinds are malformed") {
  for (const std::uint8_t type : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
    Heard heard;
    Bytes report = legacy_report(kStranger, {}, 0xC4);
    report[1] = type;
    heard.read(le_event(0x02, 1, report));
    REQUIRE(heard.reports.size() == 1);
    CHECK(heard.reports[0].address.type == (type % 2 == 0 ? AddressType::public_address : AddressType::random_static));
  }
  Heard heard;
  Bytes report = legacy_report(kStranger, {}, 0xC4);
  report[1] = 4;
  heard.read(le_event(0x02, 2, joined({report, legacy_report(kStranger, {}, 0xC4)})));
  CHECK(heard.reports.size() == 1);
  CHECK(heard.reader.dropped().malformed == 1);
}

TEST_CASE("An extended report is heard, an anonymous one is dropped with its reason") {
  Heard heard;
  heard.read(le_event(
      0x0D, 2, joined({extended_report(kStranger, 1, 0, Bytes(100, 3)), extended_report(kStranger, 1, 0, {1}, 0xFF)})));
  REQUIRE(heard.reports.size() == 1);
  CHECK(heard.reports[0].address.text() == "C0:01:02:03:04:05");
  CHECK(heard.reports[0].rssi_dbm == -60);
  CHECK(data_of(heard.reports[0]) == Bytes(100, 3));
  CHECK(heard.reader.dropped() == DroppedReports{0, 1, 0, 0});
}

TEST_CASE("Fragments are joined, each advertisement's with its own") {
  Heard heard;
  const Bytes other{0xC0, 9, 9, 9, 9, 9};
  heard.extended(1, 1, {1, 2}).extended(2, 1, {20}).extended(1, 1, {30}, other);
  heard.read(le_event(0x0D, 1, extended_report(kStranger, 1, 1, {40})), 5);
  CHECK(heard.reports.empty());
  heard.extended(1, 1, {3}).extended(1, 0, {4});
  REQUIRE(heard.reports.size() == 1);
  CHECK(data_of(heard.reports[0]) == Bytes{1, 2, 3, 4});
  CHECK_FALSE(heard.reports[0].payload.truncated);
  heard.extended(2, 0, {21});
  CHECK(data_of(heard.reports.back()) == Bytes{20, 21});
  heard.extended(1, 0, {31}, other);
  CHECK(data_of(heard.reports.back()) == Bytes{30, 31});
  heard.reader.finish();
  CHECK(heard.reader.dropped() == DroppedReports{0, 0, 0, 1});
}

TEST_CASE("What the controller cut, or what is longer than a payload, is marked as truncated") {
  Heard heard;
  heard.extended(1, 1, {1}).extended(1, 2, {2});
  REQUIRE(heard.reports.size() == 1);
  CHECK(data_of(heard.reports[0]) == Bytes{1, 2});
  CHECK(heard.reports[0].payload.truncated);

  heard.extended(1, 1, Bytes(229, 1)).extended(1, 1, Bytes(26, 2));
  heard.extended(1, 0, {});
  CHECK(heard.reports[1].payload.size == 255);
  CHECK_FALSE(heard.reports[1].payload.truncated);
  heard.extended(1, 1, Bytes(229, 1)).extended(1, 1, Bytes(229, 2)).extended(1, 0, {3});
  CHECK(heard.reports[2].payload.size == 255);
  CHECK(heard.reports[2].payload.truncated);
}

TEST_CASE("Fragments whose ends never come are given up, the oldest first") {
  Heard heard;
  for (std::uint8_t i = 0; i <= ReportReader::kMostPending; ++i) heard.extended(i, 1, {i});
  CHECK(heard.reader.dropped().abandoned == 1);
  heard.extended(1, 0, {0});
  CHECK(data_of(heard.reports.back()) == Bytes{1, 0});
  heard.extended(0, 0, {0});
  CHECK(data_of(heard.reports.back()) == Bytes{0});
}

TEST_CASE("Directed advertisements are counted, other events are passed over") {
  Heard heard;
  heard.read(le_event(0x0B, 1, Bytes(16, 0))).read(le_event(0x0C, 1, Bytes(3, 0))).read({0x0E, 1, 0}).read({});
  CHECK(heard.reports.empty());
  CHECK(heard.reader.dropped() == DroppedReports{0, 0, 1, 0});
}

TEST_CASE("A cut event is malformed at every length, and the reports before the cut count") {
  const Bytes legacy = joined({legacy_report(kStranger, {2, 1, 6}, 0xC4), legacy_report(kStranger, {2, 1, 6}, 0xC4)});
  const Bytes extended = joined({extended_report(kStranger, 1, 0, {2, 1, 6}), extended_report(kStranger, 2, 0, {1})});
  const std::size_t first_legacy = legacy.size() / 2;
  const std::size_t first_extended = extended.size() - extended_report(kStranger, 2, 0, {1}).size();
  for (const auto& [subevent, reports, first] :
       {std::tuple{std::uint8_t{0x02}, legacy, first_legacy}, {std::uint8_t{0x0D}, extended, first_extended}}) {
    for (std::size_t length = 0; length < reports.size(); ++length) {
      Heard heard;
      heard.read(le_event(subevent, 2, Bytes(reports.begin(), reports.begin() + static_cast<std::ptrdiff_t>(length))));
      REQUIRE(heard.reports.size() == (length >= first ? 1 : 0));
      REQUIRE(heard.reader.dropped().malformed == 1);
    }
    const Bytes whole = le_event(subevent, 2, reports);
    for (std::size_t length = 1; length < whole.size(); ++length) {  // the record cut, not the event
      Heard heard;
      heard.read(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
      REQUIRE(heard.reports.empty());
      REQUIRE(heard.reader.dropped().malformed == 1);
    }
  }
}

TEST_CASE("Reserved values are malformed") {
  Heard heard;
  heard.read(le_event(0x02, 0, {}));                  // no reports
  heard.read(legacy_event(kStranger, Bytes(32, 1)));  // longer than a legacy report
  Bytes reserved_type = legacy_event();
  reserved_type[4] = 5;
  heard.read(reserved_type).extended(1, 3, {1});  // event type, data status
  CHECK(heard.reports.empty());
  CHECK(heard.reader.dropped().malformed == 4);
}

TEST_CASE("Any octets give no more data than they hold") {
  REQUIRE(rc::check([](const Bytes& noise, std::uint8_t count, bool extended) {
    Heard heard;
    const Bytes body(noise.begin(),
                     noise.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(noise.size(), 253)));
    heard.read(noise).read(le_event(extended ? 0x0D : 0x02, count, body));
    std::size_t given = 0;
    for (const Report& report : heard.reports) given += report.payload.size;
    RC_ASSERT(given <= 2 * noise.size());
    RC_ASSERT(heard.reports.size() <= 2U * 255U);
  }));
}
