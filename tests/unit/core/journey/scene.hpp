// One shopper at one moment, and what the campaigns make of it.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "core/journey/decide.hpp"
#include "tests/catch.hpp"

namespace beacon_gateway_test {

using namespace beacon_gateway;
using namespace std::chrono_literals;

inline constexpr std::chrono::local_days kSunday{2026y / 11 / 22};
inline constexpr std::chrono::days kOneDay{1};

inline Campaign campaign_of(const std::string& id, CampaignKind kind) {
  Campaign campaign;
  campaign.id = id;
  campaign.kind = kind;
  campaign.expires_after = 10min;
  campaign.variants = {{"a", 1, {{"en", "Welcome"}}, {{"en", "Hello"}}, ""}};
  return campaign;
}

inline ShopperId shopper(int number) {
  return ShopperId::parse("s-" + std::to_string(number)).value();
}

// A shopper in Bangkok who consents to everything starts a visit on Sunday at ten; one promotion awaits. Tests turn
// single knobs.
struct Scene {
  JourneyRules rules;
  Profile profile{shopper(1)};
  Occasion occasion;
  std::vector<CapRecord> history;

  Scene() {
    rules.time_zone = {"Asia/Bangkok", {{WallTime{}, 7h}}};
    rules.holdout_salt = "salt";
    rules.campaigns = {campaign_of("sale", CampaignKind::promotion)};
    for (const Purpose purpose : {Purpose::welcome, Purpose::promotion, Purpose::survey, Purpose::assist})
      profile.consents.push_back({purpose, WallTime{}, std::nullopt, "", ""});
    occasion.visit_id = "v-1";
    be_at(kSunday, 10h);
  }

  [[nodiscard]] Campaign& campaign() { return rules.campaigns.front(); }
  Campaign& also(const std::string& id, CampaignKind kind) {
    return rules.campaigns.emplace_back(campaign_of(id, kind));
  }

  void be_at(std::chrono::local_days date, Duration time_of_day) {
    occasion.at = capture_instant(WallTime{date.time_since_epoch() + time_of_day - 7h});
  }
  void go_on(Duration by) { occasion.at = later(occasion.at, by); }

  std::vector<Decision> decide_at(std::initializer_list<Occasion> occasions) {
    return decide(rules, profile, std::vector<Occasion>{occasions}, history);
  }

  // "sale: trigger", "sale: segment", ...: what comes of this moment.
  std::vector<std::string> outcomes() {
    std::vector<std::string> lines;
    for (const Decision& decision : decide_at({occasion})) {
      CHECK(decision.trigger.has_value() != decision.suppressed.has_value());
      lines.push_back(decision.campaign->id + ": " +
                      (decision.suppressed ? std::string{name(*decision.suppressed)} : "trigger"));
    }
    return lines;
  }
  // The same of the only campaign that is due, without its id; "nothing" if none is.
  std::string outcome() {
    const auto lines = outcomes();
    if (lines.empty()) return "nothing";
    REQUIRE(lines.size() == 1);
    return lines.front().substr(lines.front().find(' ') + 1);
  }
  Trigger trigger() {
    auto decisions = decide_at({occasion});
    REQUIRE(decisions.size() == 1);
    REQUIRE(decisions.front().trigger);
    return *decisions.front().trigger;
  }
};

using Lines = std::vector<std::string>;

}  // namespace beacon_gateway_test
