#include "core/beacon/decode.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr Uuid kOurUuid{0x5A, 0x4B, 0xCF, 0xCE, 0x17, 0x4E, 0x4B, 0xAC, 0xA8, 0x14, 0x09, 0x2E, 0x77, 0xF6, 0xB7, 0xE5};

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

template <typename Octets>
Bytes bytes_of(const Octets& octets) {
  return {octets.begin(), octets.end()};
}

Bytes structure(std::uint8_t type, const Bytes& data) {
  return joined({{static_cast<std::uint8_t>(data.size() + 1), type}, data});
}

Bytes big16(std::uint16_t number) {
  return {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number & 0xFF)};
}

Bytes encoded(const IBeacon& f) {
  return structure(0xFF, joined({{0x4C, 0x00, 0x02, 0x15},
                                 bytes_of(f.uuid),
                                 big16(f.major),
                                 big16(f.minor),
                                 {static_cast<std::uint8_t>(f.measured_power_dbm)}}));
}

const Bytes kFlags{0x02, 0x01, 0x06};
const Bytes kEddystoneService{0x03, 0x03, 0xAA, 0xFE};

Bytes eddystone(const Bytes& frame) {
  return joined({kFlags, kEddystoneService, structure(0x16, joined({{0xAA, 0xFE}, frame}))});
}

Frames decoded(const Bytes& data, const std::vector<Uuid>& token_services = {}) {
  return decode(data, token_services);
}

template <typename Kind>
Kind only(const Frames& frames) {
  REQUIRE(frames.count == 1);
  REQUIRE(frames.fault == DecodeFault::none);
  REQUIRE(std::holds_alternative<Kind>(frames.frames[0]));
  return std::get<Kind>(frames.frames[0]);
}

Bytes counting(std::size_t size) {
  Bytes octets(size);
  std::iota(octets.begin(), octets.end(), std::uint8_t{1});
  return octets;
}

}  // namespace

TEST_CASE("An iBeacon's UUID, major and minor are read in network order") {
  const Bytes data = joined({kFlags, {0x1A, 0xFF, 0x4C, 0x00, 0x02, 0x15}, bytes_of(kOurUuid), {0, 100, 1, 2, 0xC5}});
  CHECK(only<IBeacon>(decoded(data)) == IBeacon{kOurUuid, 100, 0x0102, -59});
}

TEST_CASE("An iBeacon of another length is none") {
  const Bytes whole = encoded({kOurUuid, 1, 2, -59});
  Bytes content(whole.begin() + 2, whole.end());
  for (const bool longer : {true, false}) {
    longer ? content.push_back(0) : content.resize(content.size() - 2);
    CHECK(decoded(structure(0xFF, content)).fault == DecodeFault::no_beacon);
  }
}

TEST_CASE("An AltBeacon is read for any company") {
  const Bytes id = counting(20);
  const Bytes data = joined({kFlags, {0x1B, 0xFF, 0x18, 0x01, 0xBE, 0xAC}, id, {0xC5, 0x07}});
  const auto frame = only<AltBeacon>(decoded(data));
  CHECK(frame.company == 280);
  CHECK(std::ranges::equal(frame.id, id));
  CHECK(frame.reference_rssi_dbm == -59);
  CHECK(frame.manufacturer_reserved == 7);
}

TEST_CASE("An Eddystone-UID is read with its reserved octets and without") {
  const Bytes frame = joined({{0x00, 0xEC}, counting(16)});
  for (const Bytes& reserved : {Bytes{0, 0}, Bytes{}}) {
    const auto uid = only<EddystoneUid>(decoded(eddystone(joined({frame, reserved}))));
    CHECK(uid.power_at_0m_dbm == -20);
    CHECK(uid.name_space[0] == 1);
    CHECK(uid.instance == std::array<std::uint8_t, 6>{11, 12, 13, 14, 15, 16});
  }
  CHECK(decoded(eddystone(joined({{0x00, 0xEC}, counting(15)}))).count == 0);
}

TEST_CASE("An Eddystone-EID is read") {
  const auto eid = only<EddystoneEid>(decoded(eddystone(joined({{0x30, 0xEC}, counting(8)}))));
  CHECK(eid == EddystoneEid{{1, 2, 3, 4, 5, 6, 7, 8}, -20});
}

TEST_CASE("Plain Eddystone telemetry is read, encrypted telemetry is not") {
  const Bytes plain{0x20, 0x00, 0x0B, 0xB8, 0x17, 0x80, 0, 0, 1, 0, 0, 0, 0, 100};
  CHECK(only<EddystoneTlm>(decoded(eddystone(plain))) == EddystoneTlm{3000, 0x1780, 256, 100});
  Bytes encrypted = plain;
  encrypted[1] = 0x01;
  CHECK(decoded(eddystone(encrypted)).fault == DecodeFault::no_beacon);
}

TEST_CASE("An Eddystone-URL expands to its text") {
  const auto google =
      only<EddystoneUrl>(decoded(eddystone({0x10, 0xEC, 0x02, 'g', 'o', 'o', '.', 'g', 'l', '/', 'S'})));
  CHECK(expand_url(google) == "http://goo.gl/S");
  const auto shop = only<EddystoneUrl>(decoded(eddystone({0x10, 0xEC, 0x01, 's', 'h', 'o', 'p', 0x00, 'a', 0x0D})));
  CHECK(expand_url(shop) == "https://www.shop.com/a.gov");

  SECTION("without what the specification reserves") {
    const auto odd = only<EddystoneUrl>(decoded(eddystone({0x10, 0xEC, 0x09, 'a', 0x0E, 0x20, 0x7F, 0xFF, 'b'})));
    CHECK(expand_url(odd) == "ab");
  }
  SECTION("and is none past 17 octets") {
    CHECK(decoded(eddystone(joined({{0x10, 0xEC, 0x00}, Bytes(17, 'a')}))).count == 1);
    CHECK(decoded(eddystone(joined({{0x10, 0xEC, 0x00}, Bytes(18, 'a')}))).count == 0);
  }
}

TEST_CASE("Service data is reported for token services only, whatever the length of their UUID") {
  const Bytes token{1, 2, 3, 4, 5, 6, 7, 8};
  const Bytes reversed_uuid(kOurUuid.rbegin(), kOurUuid.rend());
  const Uuid widened{0x12, 0x34, 0xAB, 0xCD, 0, 0, 0x10, 0, 0x80, 0, 0, 0x80, 0x5F, 0x9B, 0x34, 0xFB};
  Uuid widened16 = widened;
  widened16[0] = widened16[1] = 0;
  const std::vector<std::pair<Bytes, Uuid>> carriers{
      {structure(0x21, joined({reversed_uuid, token})), kOurUuid},
      {structure(0x20, joined({{0xCD, 0xAB, 0x34, 0x12}, token})), widened},
      {structure(0x16, joined({{0xCD, 0xAB}, token})), widened16},
  };
  for (const auto& [data, service] : carriers) {
    const auto frame = only<ServiceData>(decoded(data, {Uuid{}, service}));
    CHECK(frame == ServiceData{service, {1, 2, 3, 4, 5, 6, 7, 8}, 8});
    CHECK(decoded(data).fault == DecodeFault::no_beacon);
  }
}

TEST_CASE("Service data longer than a frame holds is cut") {
  const Bytes data = structure(0x16, joined({{0xCD, 0xAB}, counting(20)}));
  const Uuid service{0, 0, 0xAB, 0xCD, 0, 0, 0x10, 0, 0x80, 0, 0, 0x80, 0x5F, 0x9B, 0x34, 0xFB};
  CHECK(only<ServiceData>(decoded(data, {service})).size == 16);
}

TEST_CASE("A bare 128-bit service UUID may be a token where tokens are in use") {
  const Bytes on_air(kOurUuid.rbegin(), kOurUuid.rend());
  for (const std::uint8_t type : {std::uint8_t{0x06}, std::uint8_t{0x07}}) {
    const Bytes data = structure(type, on_air);
    CHECK(only<ServiceData>(decoded(data, {Uuid{}})) == ServiceData{kOurUuid, {}, 0});
    CHECK(decoded(data).count == 0);
    CHECK(decoded(data, {kOurUuid}).count == 0);  // the token service itself
  }
}

TEST_CASE("A length of zero ends the advertisement early") {
  const Bytes beacon = encoded({kOurUuid, 1, 2, -59});
  CHECK(decoded(joined({beacon, {0}, beacon})).count == 1);
  CHECK(decoded(joined({{0}, beacon})).fault == DecodeFault::no_beacon);
}

TEST_CASE("A length past the end is malformed, and what stood before it counts") {
  const Bytes beacon = encoded({kOurUuid, 1, 2, -59});
  const Frames frames = decoded(joined({beacon, {5, 0xFF, 1}}));
  CHECK(frames.count == 1);
  CHECK(frames.fault == DecodeFault::malformed);
  CHECK(decoded({0x01}).fault == DecodeFault::malformed);
  CHECK(decoded({0x01, 0xFF}).fault == DecodeFault::no_beacon);
}

TEST_CASE("Nothing holds no beacon") {
  CHECK(decoded({}).fault == DecodeFault::no_beacon);
}

TEST_CASE("Frames past the fourth are left out") {
  Bytes data;
  for (std::uint16_t minor = 0; minor < 6; ++minor) data = joined({data, encoded({kOurUuid, 1, minor, -59})});
  const Frames frames = decoded(data);
  REQUIRE(frames.count == Frames::kMost);
  CHECK(std::get<IBeacon>(frames.frames[3]).minor == 3);
}

TEST_CASE("Descriptions mask what identifies and show it when asked") {
  const Frame frame = IBeacon{kOurUuid, 100, 4711, -59};
  CHECK(describe(frame, true) == "ibeacon 5a4bcfce-174e-4bac-a814-092e77f6b7e5 100 4711, -59 dBm at 1 m");
  CHECK(describe(frame, false) == "ibeacon …4711, -59 dBm at 1 m");
  CHECK(describe(EddystoneTlm{3000, 0x1780, 7, 120}, false) == "eddystone-tlm, 3000 mV, 23 °C, 7 sent, up 12 s");
}

TEST_CASE("Whatever is sent as an iBeacon is decoded as it was") {
  REQUIRE(rc::check([](const Uuid& uuid, std::uint16_t major, std::uint16_t minor, std::int8_t power) {
    const IBeacon sent{uuid, major, minor, power};
    const Frames frames = decode(encoded(sent), {});
    RC_ASSERT(frames.count == 1);
    RC_ASSERT(std::get<IBeacon>(frames.frames[0]) == sent);
  }));
}

TEST_CASE("Any octets are decoded, and a beacon before them is always found") {
  REQUIRE(rc::check([](const Bytes& noise) {
    const std::vector<Uuid> token_services{kOurUuid};
    const IBeacon sent{kOurUuid, 1, 2, -59};
    const Frames alone = decode(noise, token_services);
    RC_ASSERT(alone.count <= Frames::kMost);
    RC_ASSERT((alone.fault == DecodeFault::no_beacon) <= (alone.count == 0));
    const Frames after = decode(joined({encoded(sent), noise}), token_services);
    RC_ASSERT(after.count >= 1);
    RC_ASSERT(std::get<IBeacon>(after.frames[0]) == sent);
    RC_ASSERT(after.count == std::min<std::size_t>(alone.count + 1U, Frames::kMost));
  }));
}
