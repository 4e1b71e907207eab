#include <algorithm>

#include "core/identity/rotating_codes.hpp"
#include "gateway.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

constexpr Uuid kService{0x77};
constexpr std::uint32_t kPeriod = 900;
constexpr Key128 kDayKey{4, 5, 6};

Profile token_shopper(std::uint16_t number) {
  Profile profile = shopper(number);
  RollingTokenIdentifier token{kService, kPeriod, {}};
  const auto today = std::chrono::floor<std::chrono::days>(kMorning);
  for (int day = -1; day <= 3; ++day) token.day_keys.push_back({today + std::chrono::days{day}, kDayKey});
  profile.identifiers = {token};
  return profile;
}

Advertisement token_advertisement(Duration at, ScannerIndex scanner = kDoor) {
  Advertisement result = advertisement(0, at, scanner);
  const RollingToken token = rolling_token(kDayKey, rolling_token_number(kMorning + at, kPeriod));
  std::vector<std::uint8_t> octets{0x19, 0x21};
  octets.insert(octets.end(), kService.rbegin(), kService.rend());
  octets.insert(octets.end(), token.begin(), token.begin() + 8);
  result.payload = Payload{octets};
  return result;
}

std::vector<Advertisement> entering_with_token(Duration from = 0s) {
  return {token_advertisement(from), token_advertisement(from + 1s), token_advertisement(from + 2s)};
}

Settings rotating_only() {
  Settings settings = small_shop();
  settings.journey.campaigns[0].min_assurance = Assurance::rotating;
  return settings;
}

// A door, an aisle and a back room, in a row.
Settings three_rooms() {
  Settings settings = small_shop();
  Zone back = settings.shop.zones[1];
  back.id = "back";
  settings.shop.zones.push_back(back);
  settings.shop.zones[0].next_to = {1};
  settings.shop.zones[1].next_to = {0, 2};
  settings.shop.zones[2].next_to = {1};
  settings.shop.scanners.push_back({"hci2", 2, 0});
  settings.sources.resize(3);
  return settings;
}
constexpr ScannerIndex kBack = 2;

}  // namespace

TEST_CASE("a visit knows whether its identity can be copied, and a campaign may ask for one that cannot") {
  GatewayWorld world{rotating_only()};
  world.know({shopper(1), token_shopper(2)});
  world.hear({advertisement(1, 0s), advertisement(1, 1s), advertisement(1, 2s)});
  CHECK(field(world.payloads()[0], "assurance") == "static");
  CHECK(world.decisions(1) == std::vector<std::string>{"welcome suppressed assurance"});
  world.hear(entering_with_token(10s));
  CHECK(world.decisions(2) == std::vector<std::string>{"welcome trigger"});
  const auto rows = world.rows();
  const auto trigger = std::ranges::find(rows, "com.beacongateway.trigger.v1", &OutboxRow::type);
  REQUIRE(trigger != rows.end());
  CHECK(field(trigger->payload, "assurance") == "rotating");
}

TEST_CASE("a visit of tokens goes on over their rotation and over a restart") {
  const TemporaryDirectory folder;
  GatewayWorld world{small_shop(), folder.path()};
  world.know({token_shopper(2)});
  world.hear(entering_with_token());
  for (Duration at = 1min; at < 40min; at += 1min) {
    if (at == 20min) world.restart();
    world.hear(token_advertisement(at));
  }
  CHECK(world.counters()[Count::dropped_unknown] == 0);
  CHECK(world.gateway().open_visits() == 1);
  CHECK(world.counters()[Count::visits_started] == 1);
}

TEST_CASE("keys of days before yesterday are gone from the store") {
  const TemporaryDirectory folder;
  GatewayWorld world{small_shop(), folder.path()};
  world.know({token_shopper(2)});
  const auto days_held = [&] {
    const auto stored = world.profiles().find(token_shopper(2).shopper_id);
    return std::get<RollingTokenIdentifier>(stored->profile.identifiers[0]).day_keys.size();
  };
  world.hear(token_advertisement(0s));
  CHECK(days_held() == 5);
  world.silence_until(24h);
  CHECK(days_held() == 4);
  world.silence_until(48h);
  CHECK(days_held() == 3);
  world.hear(entering_with_token(48h));
  CHECK(world.gateway().open_visits() == 1);
}

TEST_CASE("one identity in two places that do not touch: an alarm, and no trigger for a while") {
  GatewayWorld world{three_rooms()};
  world.know({shopper(1)});
  // The copy at the back of the shop, the shopper at the door.
  world.hear({advertisement(1, 0s, kBack), advertisement(1, 500ms), advertisement(1, 1s, kBack),
              advertisement(1, 1500ms), advertisement(1, 2s, kBack), advertisement(1, 2500ms), advertisement(1, 3s)});
  CHECK(world.gateway().open_visits() == 1);
  CHECK(world.counters()[Count::two_places_alarms] == 1);
  CHECK(world.decisions(1) == std::vector<std::string>{"welcome suppressed two_places"});
}

TEST_CASE("suspicion ends after ten minutes without another sign, and outlives a restart until then") {
  const TemporaryDirectory folder;
  Settings settings = three_rooms();
  Campaign assist = campaign("assist", CampaignKind::assist, CampaignMoment::zone_entered);
  assist.zones = {1};
  assist.cap.per_visit = 9;
  settings.journey.campaigns = {assist};
  GatewayWorld world{settings, folder.path()};
  world.know({shopper(1, consents({Purpose::presence, Purpose::assist}))});
  world.hear({advertisement(1, 0s), advertisement(1, 1s), advertisement(1, 2s, kBack), advertisement(1, 2s)});
  REQUIRE(world.counters()[Count::two_places_alarms] == 1);
  world.restart();
  world.hear({advertisement(1, 60s, kAisle, -50)});
  CHECK(world.decisions(1) == std::vector<std::string>{"assist suppressed two_places"});
  for (Duration at = 2min; at <= 12min; at += 1min) world.hear(advertisement(1, at, kDoor, -50));
  world.hear(advertisement(1, 12min + 20s, kAisle, -40));
  CHECK(world.decisions(1) == std::vector<std::string>{"assist trigger", "assist suppressed two_places"});
}

TEST_CASE("zones that touch, or a walk through the shop, raise no alarm") {
  GatewayWorld world{three_rooms()};
  world.know({shopper(1)});
  world.hear({advertisement(1, 0s), advertisement(1, 500ms, kAisle), advertisement(1, 1s), advertisement(1, 2s)});
  world.hear({advertisement(1, 10s, kAisle), advertisement(1, 20s, kBack), advertisement(1, 21s, kAisle)});
  CHECK(world.counters()[Count::two_places_alarms] == 0);
  CHECK(world.decisions(1) == std::vector<std::string>{"welcome trigger"});
  GatewayWorld all_touch;
  all_touch.know({shopper(1)});
  all_touch.hear({advertisement(1, 0s), advertisement(1, 100ms, kAisle)});
  CHECK(all_touch.counters()[Count::two_places_alarms] == 0);
}
