// [gateway], [visit], [identity], [privacy]
#include "settings/tables.hpp"
#include "settings/time_zone.hpp"
#include "settings/values.hpp"

namespace beacon_gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kDefaultTimeZone = "Asia/Bangkok";  // where the shops are
constexpr std::string_view kUndetermined = "und";  // ISO 639-2: a store name that is the same in all languages

constexpr Range<int> kSightings{1, 100};  // a beacon at 10 Hz gives 100 in the 10 s that count
constexpr Range<Duration> kZoneLeftAfter{1s, 1h};
constexpr Range<Duration> kEndsAfter{10s, 24h};
constexpr Range<Duration> kConsentLease{1min, 31 * 24h};
constexpr Range<double> kShare{0, 1};
// One stranger in ten thousand is taken for a shopper: in a busy mall, one a day or two.
constexpr double kIrkFalseMatchLimit = 1e-4;
constexpr double kAddressHashes = 1U << 24U;  // Core 5.4, Vol 3 Part H, 2.2.2: the hash of an address has 24 bits

}  // namespace

void read_gateway(TableReader table, const std::filesystem::path& directory, Settings& settings) {
  table.parsed("tenant", parse_name, settings.name.tenant);
  table.parsed("store", parse_name, settings.name.store);
  table.parsed("id", parse_name, settings.name.id);
  if (!table.parsed("timezone", find_time_zone, settings.journey.time_zone) && !table.given("timezone")) {
    if (auto zone = find_time_zone(kDefaultTimeZone)) {
      settings.journey.time_zone = *std::move(zone);
    } else {
      table.file().error(table.at(), zone.error());
    }
  }
  settings.timezone = settings.journey.time_zone.name;
  table.parsed("control_socket", path_from(directory), settings.control_socket);

  settings.journey.store_id = settings.name.store;
  for (const auto& name : table.local_texts("store_name", kUndetermined))
    settings.journey.store_name.emplace_back(name.language, name.text);
  if (settings.journey.store_name.empty())
    settings.journey.store_name = {{std::string{kUndetermined}, settings.name.store}};
  table.finish({"tenant", "store", "id"});
}

void read_visit(TableReader table, Settings& settings) {
  VisitRules& visit = settings.shop.visit;
  table.integer("min_sightings", kSightings, visit.min_sightings);
  table.duration("zone_left_after", kZoneLeftAfter, visit.zone_left_after);
  table.duration("ends_after", kEndsAfter, visit.ends_after);
  table.flag("app_may_start", settings.app_may_start);
  if (visit.ends_after < visit.zone_left_after)
    table.warning("ends_after", " is shorter than `zone_left_after`: zones are left only as the visit ends");
  table.finish();
}

void read_identity(TableReader table, IdentitySettings& identity) {
  table.parsed_list("ibeacon_uuids", parse_uuid, identity.ibeacon_uuids);
  table.parsed_list("token_service_uuids", parse_uuid, identity.token_service_uuids);
  double limit = kIrkFalseMatchLimit;
  table.number("irk_false_match_limit", kShare, limit);
  identity.most_irks = static_cast<std::size_t>(limit * kAddressHashes);
  table.finish();
}

void read_privacy(TableReader table, PrivacySettings& privacy) {
  table.duration("consent_lease", kConsentLease, privacy.consent_lease);
  table.parsed_list("attributes", parse_attribute_name, privacy.attributes);
  table.finish();
}

}  // namespace beacon_gateway
