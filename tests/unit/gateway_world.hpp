// A small shop with real stores around a Gateway: a door and an aisle, a scanner in each, opted-in shoppers whose
// iBeacon minor is their number, and what the orchestrator would be told, one short line an event.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "drivers/sqlite/sqlite_profile_store.hpp"
#include "gateway.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway_test {

using namespace beacon_gateway;  // NOLINT(google-build-using-namespace): a test's vocabulary

inline const WallTime kMorning = wall_time_from_text("2026-11-20T03:00:00Z").value();

inline constexpr Uuid kShopUuid{0x5A, 0x4B, 0xCF, 0xCE, 0x17, 0x4E, 0x4B, 0xAC,
                                0xA8, 0x14, 0x09, 0x2E, 0x77, 0xF6, 0xB7, 0xE5};
inline constexpr Key128 kSecret{7};
inline constexpr ScannerIndex kDoor = 0;
inline constexpr ScannerIndex kAisle = 1;

inline Campaign campaign(const std::string& id, CampaignKind kind, CampaignMoment on) {
  Campaign result;
  result.id = id;
  result.kind = kind;
  result.on = on;
  result.expires_after = std::chrono::minutes{2};
  Variant variant;
  variant.id = "a";
  variant.title = {{"en", "Hello"}};
  variant.body = {{"en", "Come in"}};
  result.variants = {variant};
  return result;
}

inline Settings small_shop() {
  Settings settings;
  settings.name = {"acme", "s-1", "gw-1"};
  Zone door;
  door.id = "door";
  door.entrance = true;
  door.enter_dbm = -70;
  door.exit_dbm = -80;
  Zone aisle = door;
  aisle.id = "aisle";
  aisle.entrance = false;
  settings.shop.zones = {door, aisle};
  settings.shop.scanners = {{"hci0", 0, 0}, {"hci1", 1, 0}};
  settings.sources.resize(2);
  settings.journey.store_id = "s-1";
  settings.journey.campaigns = {campaign("welcome", CampaignKind::welcome, CampaignMoment::visit_started)};
  return settings;
}

inline std::vector<Consent> consents(std::initializer_list<Purpose> purposes) {
  std::vector<Consent> result;
  for (const Purpose purpose : purposes)
    result.push_back({purpose, kMorning - std::chrono::hours{24}, std::nullopt, "v1", "app"});
  return result;
}

inline Profile shopper(std::uint16_t number,
                       std::vector<Consent> given = consents({Purpose::presence, Purpose::welcome})) {
  Profile profile{.shopper_id = ShopperId::parse("s-" + std::to_string(number)).value()};
  profile.version = 1;
  profile.identifiers = {IBeaconIdentifier{kShopUuid, 1, number}};
  profile.consents = std::move(given);
  return profile;
}

inline Payload ibeacon(std::uint16_t minor) {
  std::vector<std::uint8_t> octets{0x1A, 0xFF, 0x4C, 0x00, 0x02, 0x15};
  octets.insert(octets.end(), kShopUuid.begin(), kShopUuid.end());
  for (const int octet : {0, 1, minor >> 8, minor & 0xFF, 0xC5}) octets.push_back(static_cast<std::uint8_t>(octet));
  return Payload{octets};
}

// `at`: since kMorning.
inline Advertisement advertisement(std::uint16_t minor, Duration at, ScannerIndex scanner = kDoor, int rssi_dbm = -60) {
  Advertisement result;
  result.scanner = scanner;
  result.address.type = AddressType::random_resolvable;
  result.rssi_dbm = static_cast<std::int8_t>(rssi_dbm);
  result.payload = ibeacon(minor);
  result.instant = capture_instant(kMorning + at);
  return result;
}

inline std::string field(const std::string& payload, const std::string& name) {
  const std::string key = '"' + name + "\":\"";
  const std::size_t at = payload.find(key);
  if (at == std::string::npos) return {};
  const std::size_t from = at + key.size();
  return payload.substr(from, payload.find('"', from) - from);
}

// "MILLISECONDS TYPE SUBJECT WHAT": since kMorning; zone or campaign.
inline std::string short_line(const OutboxRow& row) {
  const WallTime time = wall_time_from_text(field(row.payload, "time")).value();
  const auto since = std::chrono::floor<std::chrono::milliseconds>(time - kMorning).count();
  std::string type = row.type.substr(std::string{"com.beacongateway."}.size());
  type.resize(type.size() - std::string{".v1"}.size());
  const std::string campaign_id = field(row.payload, "campaign");
  const std::string what = !campaign_id.empty() ? campaign_id : type == "visit.ended" ? "" : field(row.payload, "zone");
  return std::to_string(since) + ' ' + type + ' ' + row.shopper_id.value() + (what.empty() ? "" : ' ' + what);
}

// Three loud advertisements at the door: the visit starts with the third, two seconds after `from`.
inline std::vector<Advertisement> entering(std::uint16_t number, Duration from = {}) {
  constexpr std::chrono::seconds kSecond{1};
  return {advertisement(number, from), advertisement(number, from + kSecond),
          advertisement(number, from + 2 * kSecond)};
}

class GatewayWorld {
 public:
  // With a folder the stores are files in it and survive `restart`; else they live in memory.
  explicit GatewayWorld(Settings settings = small_shop(), std::filesystem::path folder = {},
                        ClockSource clock = ClockSource::capture, OutboxBounds bounds = {})
      : settings_(std::move(settings)), folder_(std::move(folder)), clock_(clock), bounds_(bounds) {
    open();
  }

  void restart() {
    gateway_.reset();
    journey_.reset();
    profiles_.reset();
    open();
  }

  [[nodiscard]] Gateway& gateway() { return *gateway_; }
  [[nodiscard]] sqlite::SqliteJourneyStore& journey() { return *journey_; }
  [[nodiscard]] sqlite::SqliteProfileStore& profiles() { return *profiles_; }
  [[nodiscard]] Counters& counters() { return counters_; }

  void know(const std::vector<Profile>& profiles) { (void)gateway_->import(profiles, false); }
  void hear(const Advertisement& one) { gateway_->hear(one); }
  void hear(const std::vector<Advertisement>& walk) {
    for (const Advertisement& one : walk) gateway_->hear(one);
  }
  void silence_until(Duration at) { gateway_->pass_time(capture_instant(kMorning + at)); }

  [[nodiscard]] std::vector<OutboxRow> rows() { return journey_->waiting_after(0, 10'000); }
  [[nodiscard]] std::vector<std::string> told() {
    std::vector<std::string> lines;
    for (const OutboxRow& row : rows()) lines.push_back(short_line(row));
    return lines;
  }
  [[nodiscard]] std::vector<std::string> payloads() {
    std::vector<std::string> lines;
    for (const OutboxRow& row : rows()) lines.push_back(row.payload);
    return lines;
  }
  [[nodiscard]] std::vector<std::string> decisions(std::uint16_t number) {
    std::vector<std::string> lines;
    for (const DecisionRecord& one : journey_->decisions(shopper(number).shopper_id, 100))
      lines.push_back(one.campaign + ' ' + one.outcome + (one.reason.empty() ? "" : ' ' + one.reason));
    return lines;
  }

 private:
  void open() {
    const auto file = [&](const char* name) {
      return folder_.empty() ? std::filesystem::path{":memory:"} : folder_ / name;
    };
    profiles_ = std::make_unique<sqlite::SqliteProfileStore>(file("profiles.db"));
    journey_ = std::make_unique<sqlite::SqliteJourneyStore>(
        file("journey.db"), sqlite::JourneyStoreOptions{settings_.name, settings_.shop, false, bounds_});
    gateway_ = std::make_unique<Gateway>(settings_, *profiles_, *journey_, counters_, clock_, kSecret);
    gateway_->start(capture_instant(kMorning));
  }

  Settings settings_;
  std::filesystem::path folder_;
  ClockSource clock_;
  OutboxBounds bounds_;
  Counters counters_;
  std::unique_ptr<sqlite::SqliteProfileStore> profiles_;
  std::unique_ptr<sqlite::SqliteJourneyStore> journey_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace beacon_gateway_test
