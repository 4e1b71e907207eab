#include "core/journey/decide.hpp"

#include <map>
#include <utility>

#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::local_days kSunday{2026y / 11 / 22};
constexpr std::chrono::days kOneDay{1};

Campaign campaign_of(const std::string& id, CampaignKind kind) {
  Campaign campaign;
  campaign.id = id;
  campaign.kind = kind;
  campaign.expires_after = 10min;
  campaign.variants = {{"a", 1, {{"en", "Welcome"}}, {{"en", "Hello"}}, ""}};
  return campaign;
}

ShopperId shopper(int number) {
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

}  // namespace

// When a campaign is due

TEST_CASE("a campaign is due at its moment and no other, and not while it is disabled") {
  Scene scene;
  CHECK(scene.outcome() == "trigger");
  scene.occasion.moment = CampaignMoment::visit_ended;
  CHECK(scene.outcome() == "nothing");
  CHECK_FALSE(any_due(scene.rules, std::vector{scene.occasion}));
  scene.campaign().on = CampaignMoment::visit_ended;
  CHECK(any_due(scene.rules, std::vector{scene.occasion}));
  scene.campaign().enabled = false;
  CHECK(scene.outcome() == "nothing");
}

TEST_CASE("a campaign of some zones is due in those only, one of none in any") {
  Scene scene;
  scene.occasion.zone = ZoneIndex{1};
  CHECK(scene.outcome() == "trigger");
  scene.campaign().zones = {0, 2};
  CHECK(scene.outcome() == "nothing");
  scene.occasion.zone.reset();
  CHECK(scene.outcome() == "nothing");
  scene.occasion.zone = ZoneIndex{2};
  scene.occasion.visit_id = "v-2";
  CHECK(scene.outcome() == "trigger");
}

TEST_CASE("a dwell is due once in a stay: at the first sighting at or after it") {
  Scene scene;
  scene.campaign().on = scene.occasion.moment = CampaignMoment::zone_dwelled;
  scene.campaign().dwell = 60s;
  scene.campaign().cap.per_visit = 100;
  const auto grow = [&](Duration from, Duration to) {
    scene.occasion.dwell_from = from;
    scene.occasion.dwell_to = to;
    return scene.outcome();
  };
  CHECK(grow(0s, 60s - 1us) == "nothing");
  CHECK(grow(60s - 1us, 60s) == "trigger");
  CHECK(grow(60s, 60s) == "nothing");
  CHECK(grow(60s, 90s) == "nothing");
  CHECK(grow(0s, 300s) == "trigger");  // another stay, with a long silence in it
}

TEST_CASE("of several moments at one instant a campaign takes the first that it waits for") {
  Scene scene;
  scene.campaign().on = CampaignMoment::zone_entered;
  scene.also("hello", CampaignKind::welcome);
  Occasion entered = scene.occasion;
  entered.moment = CampaignMoment::zone_entered;
  entered.zone = ZoneIndex{0};
  const auto decisions = scene.decide_at({scene.occasion, entered});
  REQUIRE(decisions.size() == 2);
  CHECK(decisions[0].campaign->id == "sale");
  CHECK(decisions[0].zone == ZoneIndex{0});
  CHECK(decisions[1].campaign->id == "hello");
  CHECK(decisions[1].zone == std::nullopt);
}

TEST_CASE("decisions come in the order of the rules, which is by priority and then id") {
  Scene scene;
  scene.also("b", CampaignKind::assist);
  scene.also("c", CampaignKind::survey);
  CHECK(scene.outcomes() == Lines{"sale: trigger", "b: trigger", "c: trigger"});
}

// Reasons

TEST_CASE("of several reasons the first by order is told") {
  Scene scene;
  Campaign& sale = scene.campaign();
  JourneyRules& rules = scene.rules;
  Profile& profile = scene.profile;

  // Everything is against it; one obstacle after the other goes.
  const auto consents = std::exchange(profile.consents, {});
  scene.occasion.paused = true;
  scene.occasion.at.quality = TimeQuality::untrusted;
  sale.starts = scene.occasion.at.wall + 1us;
  sale.min_assurance = Assurance::rotating;
  sale.segments_all = {"gold"};
  rules.opening_hours.configured = true;
  rules.quiet_hours = DailyHours{9h, 11h};
  rules.daily_cap_per_shopper = 1;
  sale.cap.cooldown = 4h;
  sale.holdout_percent = 100;
  scene.history = {{"sale", CampaignKind::promotion, "v-0", scene.occasion.at.wall - 1h, kSunday, false}};
  scene.rules.campaigns.insert(scene.rules.campaigns.begin(), campaign_of("first", CampaignKind::assist));
  scene.rules.campaigns.front().on = CampaignMoment::visit_ended;
  Campaign& late = scene.rules.campaigns.back();

  CHECK(scene.outcome() == "no_consent");
  profile.consents = consents;
  CHECK(scene.outcome() == "paused");
  scene.occasion.paused = false;
  CHECK(scene.outcome() == "clock_untrusted");
  scene.occasion.at.quality = TimeQuality::trusted;
  CHECK(scene.outcome() == "outside_schedule");
  late.starts.reset();
  CHECK(scene.outcome() == "assurance");
  scene.occasion.assurance = Assurance::rotating;
  CHECK(scene.outcome() == "segment");
  profile.segments = {"gold"};
  CHECK(scene.outcome() == "store_closed");
  rules.opening_hours.configured = false;
  CHECK(scene.outcome() == "quiet_hours");
  rules.quiet_hours.reset();
  CHECK(scene.outcome() == "frequency_cap");
  rules.daily_cap_per_shopper = 2;
  rules.campaigns.front().on = CampaignMoment::visit_started;  // takes the day's last place
  CHECK(scene.outcomes() == Lines{"first: trigger", "sale: cooldown"});
  scene.history.pop_back();
  late.cap.cooldown.reset();
  CHECK(scene.outcomes() == Lines{"first: trigger", "sale: lower_priority"});
  scene.history.pop_back();
  rules.daily_cap_per_shopper = 3;
  CHECK(scene.outcomes() == Lines{"first: trigger", "sale: holdout"});
  scene.history.resize(1);
  late.holdout_percent = 0;
  CHECK(scene.outcomes() == Lines{"first: trigger", "sale: trigger"});
}

TEST_CASE("every reason has a name of its own") {
  CHECK(name(Suppression::no_consent) == "no_consent");
  CHECK(name(Suppression::lower_priority) == "lower_priority");
  CHECK(name(Suppression::evicted) == "evicted");
  CHECK(static_cast<std::size_t>(Suppression::evicted) + 1 == kSuppressionCount);
}

TEST_CASE("each kind needs the consent to its own purpose") {
  Scene scene;
  std::erase_if(scene.profile.consents, [](const Consent& one) { return one.purpose == Purpose::promotion; });
  CHECK(scene.outcome() == "no_consent");
  scene.campaign().kind = CampaignKind::assist;
  CHECK(scene.outcome() == "trigger");
}

TEST_CASE("without trusted time only what asks for no time is sent") {
  Scene scene;
  scene.occasion.at.quality = TimeQuality::untrusted;
  scene.campaign().cap.per_visit = 100;
  CHECK(scene.outcome() == "trigger");
  SECTION("starts") {
    scene.campaign().starts = WallTime{};
    CHECK(scene.outcome() == "clock_untrusted");
  }
  SECTION("ends") {
    scene.campaign().ends = scene.occasion.at.wall + 1h;
    CHECK(scene.outcome() == "clock_untrusted");
  }
  SECTION("days") {
    scene.campaign().days.reset(0);
    CHECK(scene.outcome() == "clock_untrusted");
  }
  SECTION("between") {
    scene.campaign().between = DailyHours{0h, 24h};
    CHECK(scene.outcome() == "clock_untrusted");
  }
  SECTION("opening hours") {
    scene.rules.opening_hours.configured = true;
    CHECK(scene.outcome() == "clock_untrusted");
  }
  SECTION("quiet hours, but not for a welcome") {
    scene.rules.quiet_hours = DailyHours{21h, 9h};
    CHECK(scene.outcome() == "clock_untrusted");
    scene.campaign().kind = CampaignKind::welcome;
    scene.occasion.visit_id = "v-2";
    CHECK(scene.outcome() == "trigger");
  }
}

TEST_CASE("a campaign runs from the instant it starts to just before it ends") {
  Scene scene;
  const WallTime now = scene.occasion.at.wall;
  const auto within = [&](WallTime starts, WallTime ends) {
    Scene one;
    one.campaign().starts = starts;
    one.campaign().ends = ends;
    return one.outcome();
  };
  CHECK(within(now, now + 1us) == "trigger");
  CHECK(within(now + 1us, now + 1h) == "outside_schedule");
  CHECK(within(now - 1h, now) == "outside_schedule");
}

TEST_CASE("days are the shop's, not UTC's") {
  Scene scene;
  scene.campaign().days = WeekdaySet{0b1000000};  // Sunday
  scene.be_at(kSunday, 1h);                       // still Saturday in UTC
  CHECK(scene.outcome() == "trigger");
  scene.be_at(kSunday + kOneDay, 0h);
  CHECK(scene.outcome() == "outside_schedule");
}

TEST_CASE("days name the night on which `between` begins, also after midnight") {
  const auto on_saturdays = [](std::chrono::local_days date, Duration time_of_day) {
    Scene scene;
    scene.campaign().days = WeekdaySet{0b0100000};
    scene.campaign().between = DailyHours{22h, 2h};
    scene.be_at(date, time_of_day);
    return scene.outcome();
  };
  CHECK(on_saturdays(kSunday - kOneDay, 21h + 59min) == "outside_schedule");
  CHECK(on_saturdays(kSunday - kOneDay, 22h) == "trigger");
  CHECK(on_saturdays(kSunday, 2h - 1us) == "trigger");
  CHECK(on_saturdays(kSunday, 2h) == "outside_schedule");
  CHECK(on_saturdays(kSunday, 22h) == "outside_schedule");
  CHECK(on_saturdays(kSunday - kOneDay, 1h) == "outside_schedule");  // that night began on Friday
}

TEST_CASE("segments: any of these, all of those, none of the others") {
  const auto outcome = [](const std::vector<std::string>& held) {
    Scene scene;
    scene.campaign().segments_any = {"gold", "silver"};
    scene.campaign().segments_all = {"app"};
    scene.campaign().segments_none = {"returned"};
    scene.profile.segments = held;
    return scene.outcome();
  };
  CHECK(outcome({"app", "silver"}) == "trigger");
  CHECK(outcome({"app"}) == "segment");
  CHECK(outcome({"silver"}) == "segment");
  CHECK(outcome({"app", "gold", "returned"}) == "segment");
}

TEST_CASE("quiet hours stop promotion and survey, not welcome and assist") {
  const auto outcome = [](CampaignKind kind) {
    Scene scene;
    scene.rules.quiet_hours = DailyHours{21h + 30min, 10h + 1min};
    scene.campaign().kind = kind;
    return scene.outcome();
  };
  CHECK(outcome(CampaignKind::promotion) == "quiet_hours");
  CHECK(outcome(CampaignKind::survey) == "quiet_hours");
  CHECK(outcome(CampaignKind::welcome) == "trigger");
  CHECK(outcome(CampaignKind::assist) == "trigger");
}

// Caps

TEST_CASE("a campaign triggers as often in a visit as its cap says, and again in the next") {
  Scene scene;
  scene.campaign().cap.per_visit = 2;
  CHECK(scene.outcome() == "trigger");
  CHECK(scene.outcome() == "trigger");
  CHECK(scene.outcome() == "frequency_cap");
  scene.occasion.visit_id = "v-2";
  CHECK(scene.outcome() == "trigger");
}

TEST_CASE("a cap per day ends with the shop's day") {
  Scene scene;
  scene.campaign().cap = {100, 1, std::nullopt};
  scene.be_at(kSunday, 23h);
  CHECK(scene.outcome() == "trigger");
  scene.go_on(1h - 1us);
  CHECK(scene.outcome() == "frequency_cap");
  scene.go_on(1us);
  CHECK(scene.outcome() == "trigger");
}

TEST_CASE("a cooldown runs from the newest trigger and is over at its end") {
  Scene scene;
  scene.campaign().cap = {100, std::nullopt, 4h};
  scene.rules.daily_cap_per_shopper = 100;
  CHECK(scene.outcome() == "trigger");
  scene.go_on(4h - 1us);
  CHECK(scene.outcome() == "cooldown");
  scene.go_on(1us);
  CHECK(scene.outcome() == "trigger");
  scene.go_on(4h - 1us);
  CHECK(scene.outcome() == "cooldown");
}

TEST_CASE("one campaign's cooldown is not another's") {
  Scene scene;
  scene.campaign().cap.cooldown = 4h;
  scene.also("more", CampaignKind::promotion).cap.cooldown = 4h;
  CHECK(scene.outcomes() == Lines{"sale: trigger", "more: trigger"});
}

TEST_CASE("a visit has one welcome, whichever campaign gives it") {
  Scene scene;
  scene.rules.campaigns.clear();
  scene.also("gold-welcome", CampaignKind::welcome).segments_all = {"gold"};
  scene.also("welcome", CampaignKind::welcome);
  scene.profile.segments = {"gold"};
  CHECK(scene.outcomes() == Lines{"gold-welcome: trigger", "welcome: lower_priority"});
  scene.go_on(1min);
  CHECK(scene.outcomes() == Lines{"gold-welcome: frequency_cap", "welcome: frequency_cap"});
  scene.occasion.visit_id = "v-2";
  scene.profile.segments.clear();
  CHECK(scene.outcomes() == Lines{"gold-welcome: segment", "welcome: trigger"});
}

TEST_CASE("a welcome comes once a visit even if its cap says more") {
  Scene scene;
  scene.campaign().kind = CampaignKind::welcome;
  scene.campaign().cap.per_visit = 5;
  CHECK(scene.outcome() == "trigger");
  CHECK(scene.outcome() == "frequency_cap");
}

TEST_CASE("a welcome that has used up its own caps says so, also behind another one") {
  Scene scene;
  scene.rules.campaigns.clear();
  scene.also("a", CampaignKind::welcome);
  scene.also("b", CampaignKind::welcome).cap.per_day = 1;
  scene.history = {{"b", CampaignKind::welcome, "v-0", scene.occasion.at.wall - 1h, kSunday, false}};
  CHECK(scene.outcomes() == Lines{"a: trigger", "b: frequency_cap"});
}

TEST_CASE("a shopper's day is full before the cooldown of a campaign is asked") {
  Scene scene;
  scene.rules.daily_cap_per_shopper = 1;
  scene.campaign().cap.cooldown = 4h;
  CHECK(scene.outcome() == "trigger");
  scene.occasion.visit_id = "v-2";
  CHECK(scene.outcome() == "frequency_cap");
}

TEST_CASE("the day's last place goes to the first by priority, later moments find the day full") {
  Scene scene;
  scene.rules.daily_cap_per_shopper = 1;
  scene.also("more", CampaignKind::survey);
  CHECK(scene.outcomes() == Lines{"sale: trigger", "more: lower_priority"});
  scene.occasion.visit_id = "v-2";
  CHECK(scene.outcomes() == Lines{"sale: frequency_cap", "more: frequency_cap"});
  scene.be_at(kSunday + kOneDay, 0h);
  CHECK(scene.outcomes() == Lines{"sale: trigger", "more: lower_priority"});
}

TEST_CASE("what was suppressed is not remembered") {
  Scene scene;
  scene.occasion.paused = true;
  CHECK(scene.outcome() == "paused");
  CHECK(scene.history.empty());
}

TEST_CASE("cap records are kept for two days, or as long as the longest cooldown") {
  Scene scene;
  CHECK(longest_cap(scene.rules) == 48h);
  scene.campaign().cap.cooldown = 24h * 30;
  CHECK(longest_cap(scene.rules) == 24h * 30);
}

// Holdout and variants

TEST_CASE("a holdout of five percent is about that share of shoppers, and always the same ones") {
  int held = 0;
  for (int number = 0; number < 10'000; ++number) {
    Scene scene;
    scene.profile.shopper_id = shopper(number);
    scene.campaign().holdout_percent = 5;
    const std::string first = scene.outcome();
    held += first == "holdout";
    scene.occasion.visit_id = "v-2";
    scene.go_on(24h);
    if (scene.outcome() != first) FAIL("shopper " << number << " changed sides");
  }
  // 500 expected with a standard deviation of 22.
  CHECK(held > 400);
  CHECK(held < 600);
}

TEST_CASE("another campaign or another salt holds out others") {
  const auto held_out = [](const std::string& campaign, const std::string& salt) {
    std::string sides;
    for (int number = 0; number < 100; ++number) {
      Scene scene;
      scene.profile.shopper_id = shopper(number);
      scene.campaign().id = campaign;
      scene.rules.holdout_salt = salt;
      scene.campaign().holdout_percent = 50;
      sides += scene.outcome() == "holdout" ? 'h' : 't';
    }
    return sides;
  };
  CHECK(held_out("sale", "salt") == held_out("sale", "salt"));
  CHECK(held_out("sale", "salt") != held_out("other", "salt"));
  CHECK(held_out("sale", "salt") != held_out("sale", "pepper"));
}

TEST_CASE("the control group meets its campaign's caps, but a holdout takes no place from others") {
  Scene scene;
  scene.campaign().kind = CampaignKind::welcome;
  scene.campaign().holdout_percent = 100;
  scene.rules.daily_cap_per_shopper = 1;
  scene.also("hello", CampaignKind::welcome);
  CHECK(scene.outcomes() == Lines{"sale: holdout", "hello: trigger"});
  CHECK(scene.outcomes() == Lines{"sale: frequency_cap", "hello: frequency_cap"});
}

TEST_CASE("who is held out is held out as often as others are told: by the cap, and once a visit of a welcome") {
  Scene scene;
  scene.campaign().holdout_percent = 100;
  CHECK(scene.outcome() == "holdout");
  CHECK(scene.outcome() == "frequency_cap");
  scene.campaign().kind = CampaignKind::welcome;
  scene.campaign().cap.per_visit = 5;
  scene.occasion.visit_id = "v-2";
  CHECK(scene.outcome() == "holdout");
  CHECK(scene.outcome() == "frequency_cap");
}

TEST_CASE("variants are drawn by weight, the same one for a shopper each time") {
  std::map<std::string, int> drawn;
  for (int number = 0; number < 10'000; ++number) {
    Scene scene;
    scene.profile.shopper_id = shopper(number);
    scene.campaign().variants.push_back({"b", 3, {{"en", "B"}}, {{"en", "B"}}, ""});
    scene.campaign().variants.push_back({"never", 0, {{"en", "C"}}, {{"en", "C"}}, ""});
    scene.campaign().cap.per_visit = 2;
    const std::string variant = scene.trigger().variant;
    ++drawn[variant];
    if (scene.trigger().variant != variant) FAIL("shopper " << number << " got another variant");
  }
  // 2500 expected with a standard deviation of 43.
  CHECK(drawn["a"] > 2300);
  CHECK(drawn["a"] < 2700);
  CHECK(drawn["a"] + drawn["b"] == 10'000);
}

// The trigger

TEST_CASE("a trigger expires after its campaign's time, and speaks the shopper's language") {
  Scene scene;
  scene.campaign().expires_after = 2min;
  scene.campaign().variants = {{"a", 1, {{"en", "Hello"}, {"th", "สวัสดี"}}, {{"en", "-"}, {"th", "-"}}, "acme://x"}};
  scene.profile.language = "th";
  scene.profile.recommendations = {{"1001", 0.8, "", {{"th", "ครีม"}}}};
  const Trigger trigger = scene.trigger();
  CHECK(trigger.expires_at == scene.occasion.at.wall + 2min);
  CHECK(trigger.language == "th");
  CHECK(trigger.message == Message{"สวัสดี", "-", "acme://x"});
  CHECK(trigger.recommendations == std::vector<RecommendedItem>{{"1001", "ครีม"}});
  CHECK(trigger.date == kSunday);
}

TEST_CASE("the ordinal counts a campaign's triggers within the shop's day") {
  Scene scene;
  scene.campaign().cap.per_visit = 100;
  scene.also("never-mind", CampaignKind::survey).on = CampaignMoment::visit_ended;
  scene.history = {{"never-mind", CampaignKind::survey, "v-1", scene.occasion.at.wall, kSunday, false},
                   {"sale", CampaignKind::promotion, "v-1", scene.occasion.at.wall, kSunday, true}};
  CHECK(scene.trigger().ordinal_of_day == 0);
  CHECK(scene.trigger().ordinal_of_day == 1);
  scene.occasion.visit_id = "v-2";
  CHECK(scene.trigger().ordinal_of_day == 2);
  scene.be_at(kSunday + kOneDay, 0h);
  CHECK(scene.trigger().ordinal_of_day == 0);
}
