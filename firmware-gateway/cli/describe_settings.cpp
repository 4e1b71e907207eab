#include "cli/describe_settings.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

#include "cli/doctor_checks.hpp"
#include "core/presence/calibration.hpp"
#include "settings/duration.hpp"
#include "settings/values.hpp"

namespace beacon_gateway {
namespace {

using Words = std::vector<std::string>;

// "a, b and c"
std::string joined(const Words& words, std::string_view last = " and ") {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? std::string{last} : ", ";
    text += words[i];
  }
  return text;
}

std::string name_of(ScannerDriver driver) {
  switch (driver) {
    case ScannerDriver::bluez:
      return "through bluetoothd";
    case ScannerDriver::capture:
      return "from a capture";
  }
  return {};
}

void describe_shop(std::ostream& text, const Settings& settings) {
  const Shop& shop = settings.shop;
  text << "\nRadios\n";
  for (std::size_t i = 0; i < shop.scanners.size(); ++i) {
    const Scanner& scanner = shop.scanners[i];
    const ScannerSource& source = settings.sources[i];
    text << "  " << scanner.adapter << " covers " << shop.zones.at(scanner.zone).id << ", " << name_of(source.driver);
    if (source.file) text << ' ' << source.file->string();
    if (scanner.offset_db != 0) text << ", RSSI " << std::showpos << scanner.offset_db << std::noshowpos << " dB";
    text << ".\n";
  }
  if (std::ranges::find(settings.sources, ScannerDriver::bluez, &ScannerSource::driver) != settings.sources.end())
    text << "  Where bluetoothd offers no monitors (`doctor` says), most adapters pass each device on once a scan.\n  "
         << cost_of_filtering(shop.visit, Language::en) << "\n";
  for (const BeaconSettings& beacon : settings.beacons) {
    const bool line = std::holds_alternative<LineBeacon>(beacon.identity);
    text << "  " << beacon.adapter << " wakes " << (line ? "LINE as a LINE beacon" : "the app as an iBeacon");
    if (beacon.rotation_key_file) text << ", changing every " << duration_text(beacon.rotation_period);
    text << ".\n";
  }
  if (settings.radio.canary)
    text << "  Silence that lasts is a fault of the radio, not an empty shop: there is a canary.\n";

  text << "\nVisits\n";
  Words entrances;
  for (const Zone& zone : shop.zones) {
    if (!zone.entrance) continue;
    std::ostringstream words;
    words << zone.id << " at " << zone.enter_dbm << " dBm or stronger";
    entrances.push_back(words.str());
  }
  const VisitRules& visit = shop.visit;
  if (shop.calibration)
    text << "  Presence: calibrated, " << shop.calibration->spots.size()
         << " spots. A visit starts in any zone once the shopper is believed inside.\n";
  else
    text << "  Presence: simple mode, no calibration.toml. A visit starts with " << visit.min_sightings
         << " sightings within 10s in " << joined(entrances, " or ") << ".\n";
  text << "  A zone is left after " << duration_text(visit.zone_left_after) << ", a visit ends after "
       << duration_text(visit.ends_after) << " without a convincing sighting.\n";
  if (settings.app_may_start) text << "  The app alone may start a visit.\n";
  text
      << "  At most " << settings.identity.most_irks
      << " identity resolving keys (IRKs) are tried: each takes one stranger's address in 16777216 for its shopper's,\n"
         "  all of them one in "
      << (settings.identity.most_irks == 0 ? std::string{"none"}
                                           : std::to_string((std::size_t{1} << 24U) / settings.identity.most_irks))
      << ".\n";
}

std::string moment_of(const Campaign& campaign, const std::vector<Zone>& zones) {
  Words ids;
  for (const ZoneIndex zone : campaign.zones) ids.push_back(zones.at(zone).id);
  const std::string where = ids.empty() ? "any zone" : joined(ids, " or ");
  switch (campaign.on) {
    case CampaignMoment::visit_started:
      return "when a visit starts in " + where;
    case CampaignMoment::zone_entered:
      return "on entering " + where;
    case CampaignMoment::zone_dwelled:
      return "after " + duration_text(campaign.dwell) + " in " + where;
    case CampaignMoment::visit_ended:
      return "when a visit ends in " + where;
  }
  return {};
}

std::string times_of(const Campaign& campaign) {
  std::string text;
  if (!campaign.days.all()) {
    Words days;
    for (std::size_t day = 0; day < kDays.size(); ++day) {
      if (campaign.days.test(day)) days.emplace_back(kDays[day]);
    }
    text += ", on " + (days.empty() ? "no day" : joined(days));
  }
  if (campaign.between) text += ", " + hours_text(*campaign.between);
  const auto utc_date = [](WallTime at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    return date_text(std::chrono::local_days{day.time_since_epoch()});
  };
  if (campaign.starts) text += ", from " + utc_date(*campaign.starts) + " (UTC)";
  if (campaign.ends) text += ", until " + utc_date(*campaign.ends) + " (UTC)";
  return text;
}

std::string audience_of(const Campaign& campaign) {
  Words conditions;
  if (!campaign.segments_any.empty()) conditions.push_back("in " + joined(campaign.segments_any, " or "));
  if (!campaign.segments_all.empty()) conditions.push_back("in " + joined(campaign.segments_all));
  if (!campaign.segments_none.empty()) conditions.push_back("not in " + joined(campaign.segments_none, " or "));
  std::string text = "to every shopper";
  if (!conditions.empty()) text += " " + joined(conditions);
  text += " who consents to " + std::string{name(purpose_of(campaign.kind))};
  if (campaign.min_assurance == Assurance::rotating) text += " and whose identity rotates";
  if (campaign.holdout_percent > 0) text += ", " + std::to_string(campaign.holdout_percent) + "% held out";
  return text;
}

std::string frequency_of(const FrequencyCap& cap) {
  std::string text = "at most " + std::to_string(cap.per_visit) + " a visit";
  if (cap.per_day) text += ", " + std::to_string(*cap.per_day) + " a day";
  if (cap.cooldown) text += ", " + duration_text(*cap.cooldown) + " apart";
  return text;
}

void describe_campaigns(std::ostream& text, const Settings& settings) {
  const JourneyRules& journey = settings.journey;
  text << "\nCampaigns, the first that fits first\n";
  if (journey.campaigns.empty()) text << "  None: nobody gets a message.\n";
  for (const Campaign& campaign : journey.campaigns) {
    text << "  " << campaign.id << " (" << name(campaign.kind) << ", priority " << campaign.priority << ")"
         << (campaign.enabled ? "" : ", switched off") << ":\n    " << moment_of(campaign, settings.shop.zones)
         << times_of(campaign) << ",\n    " << audience_of(campaign) << ",\n    " << frequency_of(campaign.cap)
         << ", worth sending for " << duration_text(campaign.expires_after) << ", "
         << (campaign.variants.size() == 1 ? std::string{"1 variant"}
                                           : std::to_string(campaign.variants.size()) + " variants")
         << ".\n";
  }
  text << "  All together at most " << journey.daily_cap_per_shopper << " a day and shopper.\n";
  if (journey.quiet_hours)
    text << "  No promotion and no survey " << hours_text(*journey.quiet_hours) << " (" << settings.timezone << ").\n";
  text << (journey.opening_hours.configured ? "  Only within the opening hours.\n"
                                            : "  At any hour: no opening hours.\n");
}

void describe_surroundings(std::ostream& text, const Settings& settings) {
  const auto file = [](const std::filesystem::path& path) {
    std::error_code ignored;  // not to be asked about is as good as not there
    return path.string() + (std::filesystem::exists(path, ignored) ? "" : " (not there)");
  };
  const BrokerSettings& broker = settings.broker;
  text << "\nBroker, store and privacy\n  ";
  if (broker.url.empty()) text << "No broker: events wait in the store.\n";
  if (!broker.url.empty())
    text << "Events go to " << broker.url << (broker.cert_file ? " with certificate " + file(*broker.cert_file) : "")
         << ".\n";
  Words keys;
  for (const auto& key : settings.downlink.trusted_keys) keys.push_back(file(key));
  const std::string trust = settings.downlink.allow_unsigned
                                ? "Whatever comes from the broker is believed, signed or not"
                            : keys.empty() ? "Nothing from the orchestrator is believed: no key is trusted"
                                           : "The orchestrator is believed if signed by " + joined(keys, " or ");
  text << "  " << trust << ".\n  The store is " << settings.store.directory.string()
       << (!settings.store.sealed    ? ", NOT sealed"
           : settings.store.key_file ? ", sealed with " + file(*settings.store.key_file)
                                     : std::string{", sealed with the credential store-key"})
       << ".\n  Matching stops after " << duration_text(settings.privacy.consent_lease)
       << " without word from the orchestrator.\n  Messages may use "
       << (settings.privacy.attributes.empty() ? "no attribute" : joined(settings.privacy.attributes))
       << " of a profile; nothing else is kept.\n";
}

}  // namespace

std::string described(const Settings& settings) {
  std::ostringstream text;
  text << "Gateway " << settings.name.id << " of store " << settings.name.store << ", tenant " << settings.name.tenant
       << ", time zone " << settings.timezone << ", configuration " << settings.hash << '\n';
  describe_shop(text, settings);
  describe_campaigns(text, settings);
  describe_surroundings(text, settings);
  return text.str();
}

}  // namespace beacon_gateway
