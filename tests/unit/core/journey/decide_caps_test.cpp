#include "core/journey/decide.hpp"

#include <map>

#include "tests/unit/core/journey/scene.hpp"

using namespace beacon_gateway_test;

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
