// From property changes back to advertisements.
#include "drivers/bluez/devices.hpp"

#include "core/beacon/decode.hpp"
#include "messages/text_forms.hpp"
#include "tests/catch.hpp"

namespace beacon_gateway::bluez {
namespace {

using std::chrono::seconds;

constexpr AddressOctets kTag{0xC0, 1, 2, 3, 4, 5};
constexpr std::uint16_t kApple = 0x004C;
constexpr std::uint16_t kRadiusNetworks = 0x0118;
const Uuid kEddystone = *uuid_from_text("0000feaa-0000-1000-8000-00805f9b34fb");
const Uuid kTokenService = *uuid_from_text("5a4bcfce-174e-4bac-a814-092e77f6b7e5");

Instant at(seconds s) {
  return capture_instant(WallTime{s});
}

std::vector<std::uint8_t> ibeacon(std::uint8_t minor) {
  std::vector<std::uint8_t> data(23, 7);
  data[0] = 0x02;
  data[1] = 0x15;
  data[20] = 0;
  data[21] = minor;
  return data;
}
std::vector<std::uint8_t> eddystone_uid() {
  return std::vector<std::uint8_t>(18, 0);
}

DeviceChange rssi_only(std::int16_t rssi_dbm) {
  DeviceChange change;
  change.rssi_dbm = rssi_dbm;
  return change;
}

// A new object, as InterfacesAdded tells of it.
DeviceChange object(std::int16_t rssi_dbm = -60) {
  DeviceChange change = rssi_only(rssi_dbm);
  change.address = kTag;
  change.random = true;
  return change;
}

using Manufacturer = std::vector<DeviceChange::ManufacturerPart>;
using Services = std::vector<DeviceChange::ServicePart>;

Frames frames_of(const Heard& heard) {
  REQUIRE(heard.advertisement);
  static const std::vector<Uuid> kTokens{kTokenService};
  return decode(heard.advertisement->payload.bytes(), kTokens);
}

// The minors of the iBeacons in what was heard.
std::vector<int> minors_of(const Heard& heard) {
  std::vector<int> minors;
  for (const Frame& frame : frames_of(heard))
    if (const auto* beacon = std::get_if<IBeacon>(&frame)) minors.push_back(beacon->minor);
  return minors;
}

TEST_CASE("a new object is an advertisement, and so is each change of its RSSI") {
  Devices devices;
  const auto beacon = ibeacon(9);
  DeviceChange first = object(-61);
  first.manufacturer = Manufacturer{{kApple, beacon}};
  const Heard heard = devices.merge(2, kTag, first, Told::added, at(seconds{1}));
  CHECK(minors_of(heard) == std::vector<int>{9});
  CHECK(heard.advertisement->scanner == 2);
  CHECK(heard.advertisement->address == Address{kTag, AddressType::random_static});
  CHECK(heard.advertisement->rssi_dbm == -61);
  CHECK_FALSE(heard.since_last);

  const Heard again = devices.merge(2, kTag, rssi_only(-70), Told::changed, at(seconds{3}));
  CHECK(minors_of(again) == std::vector<int>{9});
  CHECK(again.advertisement->rssi_dbm == -70);
  CHECK(again.advertisement->instant == at(seconds{3}));
  CHECK(again.since_last == Duration{seconds{2}});
}

TEST_CASE("what is remembered was not on the air") {
  Devices devices;
  const auto beacon = ibeacon(9);
  DeviceChange whole = object();
  whole.manufacturer = Manufacturer{{kApple, beacon}};
  SECTION("a new object without RSSI: a bond from another day") {
    whole.rssi_dbm.reset();
    CHECK_FALSE(devices.merge(0, kTag, whole, Told::added, at(seconds{1})).advertisement);
  }
  SECTION("a change of something else") {
    CHECK_FALSE(devices.merge(0, kTag, DeviceChange{}, Told::changed, at(seconds{1})).advertisement);
  }
}

TEST_CASE("an RSSI that is none is told as none") {
  Devices devices;
  for (const std::int16_t none : {std::int16_t{0}, std::int16_t{127}, std::int16_t{21}, std::int16_t{-128}}) {
    const Heard heard = devices.merge(0, kTag, object(none), Told::added, at(seconds{1}));
    REQUIRE(heard.advertisement);
    CHECK_FALSE(heard.advertisement->rssi_dbm);
  }
  CHECK(devices.merge(0, kTag, object(-127), Told::added, at(seconds{1})).advertisement->rssi_dbm == -127);
  CHECK(devices.merge(0, kTag, object(20), Told::added, at(seconds{1})).advertisement->rssi_dbm == 20);
}

TEST_CASE("frames of a tag that takes turns come one at a time") {
  Devices devices;
  const auto beacon = ibeacon(9);
  const auto uid = eddystone_uid();
  DeviceChange first = object();
  first.manufacturer = Manufacturer{{kApple, beacon}};
  (void)devices.merge(0, kTag, first, Told::added, at(seconds{1}));
  DeviceChange second = rssi_only(-60);
  second.services = Services{{kEddystone, uid}};
  const Heard heard = devices.merge(0, kTag, second, Told::changed, at(seconds{2}));
  const Frames frames = frames_of(heard);
  REQUIRE(frames.count == 1);
  CHECK(std::holds_alternative<EddystoneUid>(frames.frames[0]));
}

TEST_CASE("service data keep the width of their service") {
  Devices devices;
  const std::vector<std::uint8_t> token(8, 3);
  DeviceChange change = object();
  change.services = Services{{kTokenService, token}, {*uuid_from_text("12345678-0000-1000-8000-00805f9b34fb"), token}};
  const Heard heard = devices.merge(0, kTag, change, Told::added, at(seconds{1}));
  const Frames frames = frames_of(heard);
  REQUIRE(frames.count == 1);
  CHECK(std::get<ServiceData>(frames.frames[0]).service_uuid == kTokenService);
  const auto bytes = heard.advertisement->payload.bytes();
  CHECK(bytes[0] == 1 + 16 + 8);
  CHECK(bytes[1] == 0x21);
  CHECK(bytes[26] == 1 + 4 + 8);
  CHECK(bytes[27] == 0x20);
  CHECK(bytes[28] == 0x78);  // least significant octet first on the air
}

TEST_CASE("of service UUIDs the newest counts") {
  Devices devices;
  const Uuid older = *uuid_from_text("00000000-1111-2222-3333-444444444444");
  const Uuid newer = *uuid_from_text("99999999-1111-2222-3333-444444444444");
  DeviceChange change = object();
  change.service_uuids = {older, kEddystone};
  const Frames first = frames_of(devices.merge(0, kTag, change, Told::added, at(seconds{1})));
  REQUIRE(first.count == 1);
  CHECK(std::get<ServiceData>(first.frames[0]).service_uuid == older);
  change.service_uuids = {older, kEddystone, newer};
  const Frames second = frames_of(devices.merge(0, kTag, change, Told::changed, at(seconds{2})));
  REQUIRE(second.count == 1);
  CHECK(std::get<ServiceData>(second.frames[0]).service_uuid == newer);
  CHECK(frames_of(devices.merge(0, kTag, rssi_only(-50), Told::changed, at(seconds{3}))).count == 1);
}

TEST_CASE("a dictionary that only grows holds old parts: only what is new counts") {
  Devices devices;
  const auto beacon = ibeacon(1);
  const std::vector<std::uint8_t> other{1, 2, 3};
  const std::vector<std::uint8_t> other_changed{1, 2, 4};
  DeviceChange change = object();
  change.manufacturer = Manufacturer{{kApple, beacon}};
  (void)devices.merge(0, kTag, change, Told::added, at(seconds{1}));
  change.manufacturer = Manufacturer{{kApple, beacon}, {kRadiusNetworks, other}};
  CHECK(minors_of(devices.merge(0, kTag, change, Told::changed, at(seconds{2}))).empty());
  CHECK(minors_of(devices.merge(0, kTag, change, Told::changed, at(seconds{3}))).empty());
  const auto beacon_changed = ibeacon(2);
  change.manufacturer = Manufacturer{{kApple, beacon_changed}, {kRadiusNetworks, other}};
  const Heard back = devices.merge(0, kTag, change, Told::changed, at(seconds{4}));
  CHECK(minors_of(back) == std::vector<int>{2});
  CHECK(back.advertisement->payload.size == 1 + 1 + 2 + 23);  // and nothing of the other company
}

TEST_CASE("a BlueZ that drops old parts is believed") {
  Devices devices;
  const auto beacon = ibeacon(1);
  const std::vector<std::uint8_t> answer{1, 2, 3};
  DeviceChange both = object();
  both.manufacturer = Manufacturer{{kApple, beacon}, {kRadiusNetworks, answer}};
  DeviceChange one = object();
  one.manufacturer = Manufacturer{{kApple, beacon}};
  (void)devices.merge(0, kTag, both, Told::added, at(seconds{1}));
  (void)devices.merge(0, kTag, one, Told::changed, at(seconds{2}));  // the scan response was not heard
  CHECK(minors_of(devices.merge(0, kTag, both, Told::changed, at(seconds{3}))) == std::vector<int>{1});
}

TEST_CASE("two parts that were always there together both count") {
  Devices devices;
  const auto beacon = ibeacon(1);
  DeviceChange change = object();
  for (std::uint8_t counter = 0; counter < 3; ++counter) {
    const std::vector<std::uint8_t> counting{counter};
    change.manufacturer = Manufacturer{{kApple, beacon}, {kRadiusNetworks, counting}};
    CHECK(minors_of(devices.merge(0, kTag, change, counter == 0 ? Told::added : Told::changed, at(seconds{counter}))) ==
          std::vector<int>{1});
  }
}

TEST_CASE("the table is bounded, and who fell out is asked for") {
  Devices devices{100};
  for (std::uint8_t i = 0; i < 200; ++i) {
    AddressOctets octets = kTag;
    octets[5] = i;
    DeviceChange change = object();
    change.address = octets;
    (void)devices.merge(0, octets, change, Told::added, at(seconds{i}));
  }
  CHECK(devices.size() == 100);
  AddressOctets gone = kTag;
  gone[5] = 99;
  const Heard heard = devices.merge(0, gone, rssi_only(-60), Told::changed, at(seconds{300}));
  CHECK(heard.type_missing);
  CHECK_FALSE(heard.advertisement);
  AddressOctets held = kTag;
  held[5] = 199;
  CHECK(devices.merge(0, held, rssi_only(-60), Told::changed, at(seconds{300})).advertisement);
}

TEST_CASE("devices of one scanner are no other scanner's, and go with it") {
  Devices devices;
  (void)devices.merge(0, kTag, object(), Told::added, at(seconds{1}));
  CHECK(devices.merge(1, kTag, rssi_only(-60), Told::changed, at(seconds{1})).type_missing);
  (void)devices.merge(1, kTag, object(), Told::added, at(seconds{1}));
  devices.forget(0);
  CHECK(devices.size() == 1);
  CHECK(devices.merge(1, kTag, rssi_only(-60), Told::changed, at(seconds{2})).advertisement);
}

TEST_CASE("data too long for a structure are left out") {
  Devices devices;
  const std::vector<std::uint8_t> huge(253, 1);
  const std::vector<std::uint8_t> largest(252, 1);
  DeviceChange change = object();
  change.manufacturer = Manufacturer{{kApple, huge}};
  CHECK(devices.merge(0, kTag, change, Told::added, at(seconds{1})).advertisement->payload.size == 0);
  change.manufacturer = Manufacturer{{kApple, largest}};
  const Heard heard = devices.merge(0, kTag, change, Told::added, at(seconds{1}));
  CHECK(heard.advertisement->payload.size == 255);
  CHECK(heard.advertisement->payload.truncated);  // 256 octets with the length
}

TEST_CASE("paths of devices are read, and nothing else is taken for one") {
  const auto path = parse_device_path("/org/bluez/hci1/dev_C0_01_02_03_04_05");
  REQUIRE(path);
  CHECK(path->adapter == "/org/bluez/hci1");
  CHECK(path->octets == kTag);
  for (const char* other : {"", "/org/bluez/hci1", "/org/bluez/hci1/dev_C0_01_02_03_04", "/dev_",
                            "/org/bluez/hci1/dev_C0_01_02_03_04_05/service0001",
                            "/org/bluez/hci1/div_C0_01_02_03_04_05", "/org/bluez/hci1/dev_C0_01_02_03_04_0G"})
    CHECK_FALSE(parse_device_path(other));
}

}  // namespace
}  // namespace beacon_gateway::bluez
