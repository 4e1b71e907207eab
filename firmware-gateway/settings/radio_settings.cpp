// [[beacon]], [radio]
#include <algorithm>
#include <charconv>

#include "settings/tables.hpp"
#include "settings/values.hpp"

namespace beacon_gateway {
namespace {

using namespace std::chrono_literals;

constexpr Range<std::uint16_t> kSixteenBits{0, 65535};
constexpr std::size_t kHardwareIdDigits = 10;  // LINE Simple Beacon: 5 octets
// What an adapter at 0 dBm gives at 1 m, roughly. For apps that estimate how near a phone is; measured where that
// matters.
constexpr std::int8_t kMeasuredPowerDbm = -59;
constexpr Range<std::int8_t> kMeasuredPower{-127, 20};
// As long as a rolling token; a report of the app that comes a period late is still verified.
constexpr Duration kRotationPeriod = 15min;
constexpr Range<Duration> kRotationPeriods{1min, 24h};

enum class BeaconKind : std::uint8_t { ibeacon, line };
constexpr Word<BeaconKind> kBeaconKinds[] = {{"ibeacon", BeaconKind::ibeacon}, {"line", BeaconKind::line}};

Parsed<LineBeacon> parse_hardware_id(std::string_view text) {
  LineBeacon beacon;
  bool good = text.size() == kHardwareIdDigits;
  for (std::size_t i = 0; good && i < beacon.hardware_id.size(); ++i) {
    const char* digits = text.data() + 2 * i;
    good = std::from_chars(digits, digits + 2, beacon.hardware_id[i], 16).ptr == digits + 2;
  }
  if (good) return beacon;
  return problem('"' + std::string{text} + "\" is no hardware id", "the LINE console gives 10 hex digits");
}

void read_ibeacon(TableReader& table, IBeacon& beacon) {
  table.parsed("uuid", parse_uuid, beacon.uuid);
  table.integer("major", kSixteenBits, beacon.major);
  table.integer("minor", kSixteenBits, beacon.minor);
}

// The keys of the other kind, which would otherwise be passed over in silence.
void warn_of_others(TableReader& table, std::initializer_list<std::string_view> keys, const std::string& kind) {
  for (const std::string_view key : keys)
    if (table.given(key)) table.warning(key, " counts only with kind = \"" + kind + '"');
}

void read_identity_of(TableReader& table, BeaconSettings& beacon) {
  BeaconKind kind = BeaconKind::ibeacon;
  IBeacon ibeacon;
  LineBeacon line;
  ibeacon.measured_power_dbm = kMeasuredPowerDbm;
  table.parsed("kind", one_of(kBeaconKinds), kind);
  read_ibeacon(table, ibeacon);
  table.integer("measured_power_dbm", kMeasuredPower, ibeacon.measured_power_dbm);
  table.parsed("hardware_id", parse_hardware_id, line);
  if (kind == BeaconKind::line) {
    warn_of_others(table, {"uuid", "major", "minor", "measured_power_dbm"}, "ibeacon");
    table.finish({"adapter", "hardware_id"});
    beacon.identity = line;
  } else {
    warn_of_others(table, {"hardware_id"}, "line");
    table.finish({"adapter", "uuid", "major", "minor"});
    beacon.identity = ibeacon;
  }
}

}  // namespace

void read_beacons(std::vector<TableReader> tables, const std::filesystem::path& directory,
                  std::vector<BeaconSettings>& beacons) {
  for (TableReader& table : tables) {
    BeaconSettings beacon;
    Duration period = kRotationPeriod;
    const std::size_t errors_before = table.file().errors();
    table.parsed("adapter", parse_adapter, beacon.adapter);
    table.parsed("rotation_key_file", path_from(directory), beacon.rotation_key_file);
    if (table.duration("rotation_period", kRotationPeriods, period) && !beacon.rotation_key_file)
      table.warning("rotation_period", " counts only with `rotation_key_file`");
    if (period % 1s != 0s) table.error("rotation_period", " is no whole number of seconds", "write \"15m\"");
    beacon.rotation_period = std::chrono::duration_cast<std::chrono::seconds>(period);
    read_identity_of(table, beacon);
    const auto same = [&](const BeaconSettings& other) {
      return other.adapter == beacon.adapter && other.identity == beacon.identity;
    };
    if (table.file().errors() == errors_before && std::ranges::any_of(beacons, same))
      table.file().error(table.at(), "this [[beacon]] stands here twice", "one advertisement of each is enough");
    beacons.push_back(std::move(beacon));
  }
}

void read_radio(TableReader table, RadioSettings& radio) {
  if (auto canary = table.table("canary", "[radio] canary")) {
    read_ibeacon(*canary, radio.canary.emplace());
    canary->finish({"uuid", "major", "minor"});
  }
  table.finish();
}

}  // namespace beacon_gateway
