// Every rule of campaigns.d/*.toml: what is said of its breach, and exactly where.
#include "tests/catch.hpp"
#include "tests/unit/settings/small_shop.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

const std::string kShop = kSmallShop + "[privacy]\nattributes = [\"nickname\"]\n";

// Said of the good campaign with `text` put into [[campaign]], from line 5.
Lines with(const std::string& text) {
  return said(read(kShop, replaced(kGoodCampaign, "[[campaign.v", text + "[[campaign.v")));
}
Lines where(const std::string& from, const std::string& to) {
  return said(read(kShop, replaced(kGoodCampaign, from, to)));
}
// Said of another Thai title; its line is 7, its column 12.
Lines titled(const std::string& title) {
  return where("\"สวัสดี\"", '"' + title + '"');
}

}  // namespace

TEST_CASE("the good campaign, with its defaults") {
  const auto result = read(kShop, kGoodCampaign);
  CHECK(said(result).empty());
  REQUIRE(result.settings);
  const Campaign& campaign = result.settings->journey.campaigns.at(0);
  CHECK(campaign.expires_after == 2min);
  CHECK(campaign.cap.per_visit == 1);
  CHECK_FALSE(campaign.cap.per_day);
  CHECK(campaign.days.all());
  CHECK(campaign.variants.at(0).weight == 1);
  const auto promotion = read(kShop, replaced(kGoodCampaign, "\"welcome\"", "\"promotion\""));
  CHECK(promotion.settings->journey.campaigns.at(0).expires_after == 10min);
}

TEST_CASE("a full campaign") {
  const auto result = read(kShop, replaced(kGoodCampaign, "[[campaign.v", R"(zones = ["door"]
segments_any = ["gold"]
segments_none = ["staff"]
starts = 2026-11-01T00:00:00+07:00
ends = 2026-12-01T00:00:00Z
days = ["mon", "sun"]
between = "21:00-02:00"
priority = -3
holdout_percent = 5
min_assurance = "rotating"
[campaign.cap]
per_day = 2
cooldown = "4h"
[[campaign.v)"));
  CHECK(said(result).empty());
  REQUIRE(result.settings);
  const Campaign& campaign = result.settings->journey.campaigns.at(0);
  CHECK(campaign.zones == std::vector<ZoneIndex>{0});
  CHECK(campaign.starts == WallTime{std::chrono::sys_days{2026y / 10 / 31} + 17h});
  CHECK(campaign.ends == WallTime{std::chrono::sys_days{2026y / 12 / 1}});
  CHECK(campaign.days == WeekdaySet{0b1000001});
  CHECK(campaign.between == DailyHours{21h, 2h});
  CHECK(campaign.min_assurance == Assurance::rotating);
  CHECK(campaign.cap.per_day == 2);
  CHECK(campaign.cap.cooldown == 4h);
}

TEST_CASE("campaigns go by priority, then id, whatever their files") {
  const auto campaign = [](const std::string& id, const std::string& priority) {
    return replaced(replaced(kGoodCampaign, "hello", id), "[[campaign.v", "priority = " + priority + "\n[[campaign.v");
  };
  const auto result = read(kShop, campaign("b", "1") + campaign("c", "2") + campaign("a", "1"));
  REQUIRE(result.settings);
  CHECK(result.settings->journey.campaigns.at(0).id == "c");
  CHECK(result.settings->journey.campaigns.at(1).id == "a");
  CHECK(result.settings->journey.campaigns.at(2).id == "b");
}

TEST_CASE("what a campaign needs") {
  CHECK(said(read(kShop, "[[campaign]]\n")) ==
        Lines{"1:1 error: `id` is missing in [[campaign]]", "1:1 error: `kind` is missing in [[campaign]]",
              "1:1 error: `on` is missing in [[campaign]]", "1:1 error: `variant` is missing in [[campaign]]"});
  CHECK(where("body.th", "# ") == Lines{"5:1 error: `body` is missing in [[variant]]"});
  CHECK(where("title.th = \"สวัสดี\"", "title = {}") == Lines{"7:9 error: `title` has no text | write title.th = \"…\""});
  CHECK(where("title.th", "title") ==
        Lines{"7:9 error: `title` does not say in which language | write title.th = \"…\" "
              "and title.en = \"…\""});
  CHECK(where("title.th", "title.thai") ==
        Lines{"7:7 error: `thai` is no language | write th for Thai, en for English"});
}

TEST_CASE("ids are unique over all files") {
  CHECK(said(read(kShop, kGoodCampaign + kGoodCampaign)) ==
        Lines{"10:6 error: `id`: there are two campaigns \"hello\" | the other is in "
              "/etc/beacon-gateway/campaigns.d/c.toml line 2"});
  const std::string variant = kGoodCampaign.substr(kGoodCampaign.find("[[campaign.v"));
  CHECK(said(read(kShop, kGoodCampaign + variant)) == Lines{"10:6 error: `id`: this campaign has two variants \"a\""});
}

TEST_CASE("words, zones and keys that are not known") {
  CHECK(where("\"welcome\"", "\"welcom\"") ==
        Lines{"3:8 error: `kind`: unknown value \"welcom\" | did you mean `welcome`?"});
  CHECK(where("visit.started", "visit.start") ==
        Lines{"4:6 error: `on`: unknown value \"visit.start\" | did you mean `visit.started`?"});
  CHECK(with("zones = [\"dorr\"]\n") == Lines{"5:9 error: there is no zone \"dorr\" | did you mean `door`?"});
  CHECK(with("quiet = true\n").at(0).substr(0, 47) == "5:1 error: unknown key `quiet` in [[campaign]] ");
  CHECK(said(read(kShop, "[[campaigns]]\nid = \"x\"\n")) ==
        Lines{"1:3 error: unknown key `campaigns` in this file | did you mean `campaign`?"});
}

TEST_CASE("dwell belongs to zone.dwelled") {
  CHECK(where("visit.started", "zone.dwelled") == Lines{"1:1 error: `dwell` is missing in [[campaign]]"});
  CHECK(with("dwell = \"60s\"\n") == Lines{"5:9 warning: `dwell` counts only with on = \"zone.dwelled\""});
}

TEST_CASE("from when until when") {
  CHECK(with("starts = 2026-11-01T00:00:00\n") ==
        Lines{"5:10 error: `starts` does not say in which time zone | write the offset from UTC at its end: +07:00 for "
              "Thailand, Z for UTC"});
  CHECK(with("starts = 2026-12-01T00:00:00Z\nends = 2026-12-01T00:00:00Z\n") ==
        Lines{"6:8 error: `ends` is not after `starts` | the campaign would never run"});
  CHECK(with("ends = 2569-12-01T00:00:00+07:00\n") ==
        Lines{"5:8 error: `ends`: the year 2569 is too far away | Buddhist-era year? 2569 is 2026"});
  CHECK(with("ends = 2026-12-01\n") ==
        Lines{"5:8 error: `ends` must be a date with time and offset, such as 2026-12-31T00:00:00+07:00, not a date"});
  CHECK(with("days = [\"mon\", \"Tues\"]\n") == Lines{"5:16 error: `days`: \"Tues\" is no day | write \"tue\""});
  CHECK(with("days = []\n") ==
        Lines{"5:8 warning: `days` names no day: the campaign never runs | delete the line for every day"});
}

TEST_CASE("ranges of a campaign") {
  CHECK(with("holdout_percent = 101\n") == Lines{"5:19 error: `holdout_percent` is 101 | it must be 0 to 100"});
  CHECK(with("expires_after = \"73h\"\n") == Lines{"5:17 error: `expires_after` is 73h | it must be 1s to 3d"});
  CHECK(with("[campaign.cap]\nper_visit = 0\n") == Lines{"6:13 error: `per_visit` is 0 | it must be 1 to 100"});
  CHECK(where("id = \"a\"", "id = \"a\"\nweight = 1001") ==
        Lines{"7:10 error: `weight` is 1001 | it must be 0 to 1000"});
  CHECK(
      where("id = \"a\"", "id = \"a\"\nweight = 0") ==
      Lines{"7:10 error: `weight`: every variant of this campaign has weight 0 | give at least one a weight above 0"});
}

TEST_CASE("placeholders in texts") {
  CHECK(titled("{store_name} {nickname|คุณลูกค้า}").empty());
  CHECK(titled("{stor_name}") == Lines{"7:12 error: unknown placeholder {stor_name} | did you mean `store_name`?"});
  CHECK(titled("{age}") ==
        Lines{"7:12 error: unknown placeholder {age} | known are `store_name`, `recommendation.title` and "
              "`nickname`; [privacy] attributes adds more"});
  CHECK(titled("{nickname}") ==
        Lines{"7:12 warning: {nickname} is empty for some shoppers | write {nickname|something for them}"});
  CHECK(titled("{store_name") == Lines{"7:12 error: a { is not closed | a placeholder is {name} or {name|fallback}"});
}

TEST_CASE("texts that phones cut, and languages that only one of title and body has") {
  std::string title;
  for (int i = 0; i < 81; ++i) title += "ดี";  // one letter with its vowel
  CHECK(titled(title) == Lines{"7:12 warning: this text has 81 letters; phones cut it after about 80"});
  CHECK(titled(title.substr(0, 80 * std::string{"ดี"}.size())).empty());
  CHECK(where("title.th", "title.en = \"Hello\"\ntitle.th") ==
        Lines{"9:1 warning: `body` has no en, the title has: the message would mix languages"});
}

TEST_CASE("references are not judged where gateway.toml is at fault: one mistake is told once") {
  const std::string campaign = replaced(kGoodCampaign, "[[campaign.v", "zones = [\"aisle\"]\n[[campaign.v");
  CHECK(said(read("[gateway\n", campaign)).size() == 1);
  CHECK(said(read(replaced(kSmallShop, "id = \"door\"", "idd = \"door\""), campaign)).size() == 1);
  CHECK(said(read(kSmallShop + "[privacy]\natributes = [\"nickname\"]\n",
                  replaced(kGoodCampaign, "สวัสดี", "{nickname|x}")))
            .size() == 1);
}

TEST_CASE("the first language given comes first, whatever its name") {
  const auto result = read(kShop, replaced(kGoodCampaign, "body.th = \"ยินดีต้อนรับ\"",
                                           "title.de = \"Hallo\"\nbody.th = \"ค่ะ\"\nbody.de = \"Hier\""));
  REQUIRE(result.settings);
  CHECK(result.settings->journey.campaigns.at(0).variants.at(0).title.at(0).first == "th");
}
