#include "drivers/bluez/monitor.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace beacon_gateway::bluez {
namespace {

constexpr std::size_t kMostPatterns = 16;

// Bluetooth Assigned Numbers, 2.3 "Common Data Types".
constexpr std::uint8_t kServiceData16 = 0x16;
constexpr std::uint8_t kServiceData128 = 0x21;
constexpr std::uint8_t kManufacturerData = 0xFF;

constexpr BluezVersion kFirstThatCrashes{5, 72};
constexpr BluezVersion kFirstRepaired{5, 83};

constexpr std::array<std::uint8_t, 12> kBaseUuidTail{0, 0, 0x10, 0, 0x80, 0, 0, 0x80, 0x5F, 0x9B, 0x34, 0xFB};

Pattern service_pattern(const Uuid& uuid) {
  const std::span<const std::uint8_t> octets{uuid};
  if (std::ranges::equal(octets.subspan(4), kBaseUuidTail)) return {0, kServiceData16, {uuid[3], uuid[2]}};
  return {0, kServiceData128, {uuid.rbegin(), uuid.rend()}};
}

std::optional<unsigned> hex_pair(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void write_patterns(Writer& writer, const std::vector<Pattern>& patterns) {
  writer.array("(yyay)");
  for (const Pattern& pattern : patterns)
    writer.structure("yyay").octet(pattern.start).octet(pattern.ad_type).octets(pattern.octets).close();
  writer.close();
}

}  // namespace

std::vector<Pattern> monitor_patterns(std::span<const Uuid> ibeacon_uuids, std::span<const Uuid> token_service_uuids) {
  const std::vector<std::uint8_t> ibeacon{0x4C, 0x00, 0x02, 0x15};
  std::vector<Pattern> patterns{
      {0, kServiceData16, {0xAA, 0xFE}},     // Eddystone, 5.66
      {0, kServiceData16, {0x00}},           // Eddystone-UID, 5.82
      {0, kServiceData16, {0x30}},           // Eddystone-EID, 5.82
      {2, kManufacturerData, {0xBE, 0xAC}},  // AltBeacon, of any company
  };
  // One for all iBeacons where there are too many UUIDs to name each.
  if (ibeacon_uuids.empty() || patterns.size() + ibeacon_uuids.size() + token_service_uuids.size() > kMostPatterns)
    patterns.push_back({0, kManufacturerData, ibeacon});
  else
    for (const Uuid& uuid : ibeacon_uuids) {
      patterns.push_back({0, kManufacturerData, ibeacon});
      patterns.back().octets.insert(patterns.back().octets.end(), uuid.begin(), uuid.end());
    }
  for (const Uuid& uuid : token_service_uuids)
    if (patterns.size() < kMostPatterns) patterns.push_back(service_pattern(uuid));
  return patterns;
}

std::optional<BluezVersion> version_from_modalias(std::string_view modalias) {
  constexpr std::string_view kBluez = "usb:v1D6Bp0246d";  // the Linux Foundation's BlueZ
  if (!modalias.starts_with(kBluez) || modalias.size() != kBluez.size() + 4) return std::nullopt;
  const auto major = hex_pair(modalias.substr(kBluez.size(), 2));
  const auto minor = hex_pair(modalias.substr(kBluez.size() + 2, 2));
  if (!major || !minor || *major == 0) return std::nullopt;
  return BluezVersion{static_cast<int>(*major), static_cast<int>(*minor)};
}

bool monitor_crashes(const BluezVersion& version) {
  return version >= kFirstThatCrashes && version < kFirstRepaired;
}

ServedObject monitor_object(const std::string& root, std::vector<Pattern> patterns,
                            const std::function<void(bool)>& active) {
  const auto nothing = [](Message&) {};  // every packet comes as a change of the device too
  return {
      root + "/monitor",
      "org.bluez.AdvertisementMonitor1",
      {{"Type", "s", [](Writer& writer) { writer.text("or_patterns"); }},
       {"Patterns", "a(yyay)", [patterns = std::move(patterns)](Writer& writer) { write_patterns(writer, patterns); }}},
      {{"Activate", "", [active](Message&) { active(true); }},
       {"Release", "", [active](Message&) { active(false); }},
       {"DeviceFound", "o", nothing},
       {"DeviceLost", "o", nothing}}};
}

}  // namespace beacon_gateway::bluez
