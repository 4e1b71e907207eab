#include "core/journey/decide.hpp"

#include <map>

#include "tests/unit/core/journey/scene.hpp"

using namespace beacon_gateway_test;

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
