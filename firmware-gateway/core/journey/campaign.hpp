// The marketer's rules as values (contract 3.2): campaigns, and what holds for all of them.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/assurance.hpp"
#include "core/journey/calendar.hpp"
#include "core/presence/shop.hpp"
#include "core/profile.hpp"

namespace beacon_gateway {

enum class CampaignKind : std::uint8_t { welcome, promotion, survey, assist };
[[nodiscard]] std::string_view name(CampaignKind kind) noexcept;
[[nodiscard]] Purpose purpose_of(CampaignKind kind) noexcept;  // the consent that a campaign of this kind needs

enum class CampaignMoment : std::uint8_t { visit_started, zone_entered, zone_dwelled, visit_ended };
[[nodiscard]] std::string_view name(CampaignMoment moment) noexcept;

struct FrequencyCap {
  int per_visit = 1;
  std::optional<int> per_day;        // store-local calendar day
  std::optional<Duration> cooldown;  // since this campaign's last trigger for the shopper
};

struct Variant {
  std::string id;
  int weight = 1;  // 0..1000; at least one of a campaign is above 0
  LocalizedText title;
  LocalizedText body;
  std::string link;
};

struct Campaign {
  std::string id;
  bool enabled = true;
  CampaignKind kind = CampaignKind::welcome;
  CampaignMoment on = CampaignMoment::visit_started;
  std::vector<ZoneIndex> zones;  // empty: any
  Duration dwell{};              // for zone_dwelled
  std::vector<std::string> segments_any;
  std::vector<std::string> segments_all;
  std::vector<std::string> segments_none;
  std::optional<WallTime> starts;  // inclusive
  std::optional<WallTime> ends;    // exclusive
  WeekdaySet days = every_day();   // the day on which `between` starts
  std::optional<DailyHours> between;
  int priority = 0;
  Duration expires_after{};
  int holdout_percent = 0;  // 0..100
  Assurance min_assurance = Assurance::fixed;
  FrequencyCap cap;
  std::vector<Variant> variants;  // at least one
};

struct JourneyRules {
  TimeZone time_zone;
  std::string store_id;
  LocalizedText store_name;  // for {store_name}
  std::optional<DailyHours> quiet_hours;
  OpeningHours opening_hours;
  int daily_cap_per_shopper = 4;  // a shopper who gets more than this a day feels followed
  bool report_suppressed = false;
  std::string holdout_salt;
  std::vector<std::string> attributes;  // which profile attributes templates may use
  std::vector<Campaign> campaigns;      // by priority (higher first), then id
};

}  // namespace beacon_gateway
