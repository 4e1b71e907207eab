#include "tests/simulation/simulated_shop.hpp"

#include "tests/simulation/walks.hpp"
#include "tests/unit/gateway_world.hpp"

namespace beacon_gateway_test {

using namespace std::chrono_literals;

namespace {

constexpr double kEnterDbm = -70;
constexpr double kExitDbm = -80;
constexpr int kPercentOfPurpose = 75;  // so many agree to each

Zone zone(const char* id, bool entrance) {
  Zone result;
  result.id = id;
  result.entrance = entrance;
  result.enter_dbm = kEnterDbm;
  result.exit_dbm = kExitDbm;
  return result;
}

Campaign dwelled(const char* id, CampaignKind kind, ZoneIndex where, Duration dwell) {
  Campaign result = campaign(id, kind, CampaignMoment::zone_dwelled);
  result.zones = {where};
  result.dwell = dwell;
  result.expires_after = 10min;
  return result;
}

// Two welcomes compete for one place, and each kind waits for another moment.
std::vector<Campaign> campaigns(Dice& dice) {
  Campaign welcome = campaign("welcome", CampaignKind::welcome, CampaignMoment::visit_started);
  if (dice.percent(30)) welcome.cap.cooldown = 1h;
  Campaign aisle_welcome = campaign("aisle-welcome", CampaignKind::welcome, CampaignMoment::zone_entered);
  Campaign offer = dwelled("offer", CampaignKind::promotion, 1, 20s);
  offer.cap.per_day = 2;
  offer.holdout_percent = dice.between(0, 30);
  Campaign help = dwelled("help", CampaignKind::assist, 2, 40s);
  help.cap.per_visit = 2;
  Campaign survey = campaign("survey", CampaignKind::survey, CampaignMoment::visit_ended);
  if (dice.percent(30)) survey.between = DailyHours{4h, 9h};
  return {welcome, aisle_welcome, offer, help, survey};
}

}  // namespace

Settings simulated_settings(std::uint64_t seed) {
  Dice dice{seed, DiceFor::shop};
  Settings settings = small_shop();
  settings.shop.zones = {zone("door", true), zone("aisle", dice.percent(20)), zone("till", false)};
  settings.shop.scanners = {{"hci0", 0, 0}, {"hci1", 1, 0}, {"hci2", 2, 0}};
  settings.sources.resize(settings.shop.scanners.size());
  settings.privacy.consent_lease = dice.percent(30) ? 2h : 24h;
  settings.journey.daily_cap_per_shopper = dice.between(1, 4);
  settings.journey.report_suppressed = dice.percent(30);
  if (dice.percent(30)) settings.journey.quiet_hours = DailyHours{6h, 7h};
  settings.journey.campaigns = campaigns(dice);
  return settings;
}

Settings reloaded(Settings settings) {
  Shop& shop = settings.shop;
  std::swap(shop.zones[0], shop.zones[2]);
  std::swap(shop.zones[0].exit_dbm, shop.zones[1].exit_dbm);
  for (Scanner& scanner : shop.scanners) scanner.zone = static_cast<ZoneIndex>(2 - scanner.zone);
  for (Campaign& one : settings.journey.campaigns)
    for (ZoneIndex& where : one.zones) where = static_cast<ZoneIndex>(2 - where);
  return settings;
}

std::vector<Profile> known_in_the_morning(std::uint64_t seed, int shoppers) {
  Dice dice{seed, DiceFor::shop};
  std::vector<Profile> result;
  const auto add = [&](int id, std::uint16_t minor) -> Profile& {
    Profile profile = shopper(static_cast<std::uint16_t>(id), {});
    profile.identifiers = {IBeaconIdentifier{kShopUuid, 1, minor}};
    for (std::size_t i = 0; i < kPurposeCount; ++i) {
      if (!dice.percent(kPercentOfPurpose)) continue;
      std::optional<WallTime> expires;
      if (dice.percent(10)) expires = kMorning + std::chrono::minutes{dice.between(60, 480)};
      profile.consents.push_back({static_cast<Purpose>(i), kMorning - 24h, expires, "v1", "app"});
    }
    return result.emplace_back(std::move(profile));
  };
  for (int i = 1; i <= shoppers; ++i) add(i, static_cast<std::uint16_t>(i));
  add(kStaffMinor, kStaffMinor).staff = true;
  add(kContestedMinor, kContestedMinor);
  add(kContestedMinor + 1, kContestedMinor);
  result.front().test = true;
  return result;
}

}  // namespace beacon_gateway_test
