#include "settings/values.hpp"

#include "settings/duration.hpp"
#include "settings/nearest.hpp"
#include "settings/template_text.hpp"
#include "settings/time_zone.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;

TEST_CASE("durations") {
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("10m") == 10min);
  CHECK(parse_duration("4h") == 4h);
  CHECK(parse_duration("2d") == 48h);
  CHECK(parse_duration("10min").error().hint == "write \"10m\"");
  CHECK(parse_duration("10 m").error().hint == "write \"10m\"");
  CHECK(parse_duration("5นาที").error().hint == "write \"5m\"");
  CHECK(parse_duration("10").error().text == "\"10\" has no unit");
  CHECK(parse_duration("1.5h").error().text == "\"1.5h\" has an unknown unit");
  for (const auto* bad : {"", "s", "-5s", "99999999999999999999s", "9223372036854775807h", "4000d", "5s "})
    CHECK_FALSE(parse_duration(bad));
  for (const Duration duration : {Duration{0}, Duration{250ms}, Duration{90s}, Duration{4h}, Duration{72h}})
    CHECK(parse_duration(duration_text(duration)) == duration);
}

TEST_CASE("hours of the day") {
  CHECK(parse_hours("21:30-09:30") == DailyHours{21h + 30min, 9h + 30min});
  CHECK(parse_hours("00:00-24:00") == DailyHours{0h, 24h});
  for (const auto* bad :
       {"", "10-22", "10:00", "24:00-10:00", "10:00-24:01", "10:60-11:00", "1:00-2:00", "10:00-22:00 "})
    CHECK_FALSE(parse_hours(bad));
  CHECK(hours_text({21h + 30min, 24h}) == "21:30-24:00");
}

TEST_CASE("names propose what was meant") {
  CHECK(parse_name("bkk-siam-01") == "bkk-siam-01");
  CHECK(parse_name("BKK Siam_01").error().hint == "write \"bkk-siam-01\"");
  CHECK_FALSE(parse_name(""));
  CHECK_FALSE(parse_name(std::string(33, 'a')));
  CHECK_FALSE(parse_name("สาขา"));
  CHECK(parse_attribute_name("nickname") == "nickname");
  CHECK_FALSE(parse_attribute_name("store_name"));
  CHECK_FALSE(parse_attribute_name("recommendation.title"));
}

TEST_CASE("days, UUIDs, adapters, languages") {
  CHECK(parse_day("sun") == 6U);
  CHECK(parse_day("Monday").error().hint == "write \"mon\"");
  CHECK(parse_uuid("5a4bcfce-174E-4bac-a814-092e77f6b7e5")->at(4) == 0x17);
  CHECK_FALSE(parse_uuid("5a4bcfce174e4baca814092e77f6b7e5"));
  CHECK_FALSE(parse_uuid("5a4bcfce-174e-4bac-a814-092e77f6b7eg"));
  CHECK(parse_adapter("hci12") == "hci12");
  CHECK(parse_adapter("c0:01:02:03:04:05") == "C0:01:02:03:04:05");
  for (const auto* bad : {"", "hci", "hci01", "hci-1", "hci99999", "eth0"}) CHECK_FALSE(parse_adapter(bad));
  CHECK(is_language_tag("th"));
  CHECK(is_language_tag("zh-Hant"));
  CHECK_FALSE(is_language_tag("thai"));
  CHECK_FALSE(is_language_tag("TH"));
}

TEST_CASE("time zones carry their transitions") {
  const auto bangkok = find_time_zone("Asia/Bangkok");
  REQUIRE(bangkok);
  REQUIRE(bangkok->transitions.size() == 1);
  CHECK(bangkok->transitions.front().offset == 7h);

  const auto berlin = find_time_zone("Europe/Berlin");
  REQUIRE(berlin);
  const WallTime summer = std::chrono::sys_days{2026y / 7 / 1} + 12h;
  const WallTime winter = std::chrono::sys_days{2026y / 12 / 1} + 12h;
  CHECK(local_time(*berlin, summer).time_of_day == 14h);
  CHECK(local_time(*berlin, winter).time_of_day == 13h);
}

TEST_CASE("an unknown time zone: the nearest name, the city alone, no tzdata") {
  CHECK(find_time_zone("Asia/Bankok").error().hint == "did you mean `Asia/Bangkok`?");
  CHECK(find_time_zone("Bangkok").error().hint == "did you mean `Asia/Bangkok`?");
  CHECK(find_time_zone("../../etc/passwd").error().text == "unknown time zone \"../../etc/passwd\"");
  CHECK(unknown_time_zone("Asia/Bangkok", {}).hint == "install the package tzdata");
}

TEST_CASE("the nearest name counts swapped neighbours once and does not guess wildly") {
  CHECK(edit_distance("quiet_hours", "quiet_hours") == 0);
  CHECK(edit_distance("quite_hours", "quiet_hours") == 1);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("ca", "abc") == 3);  // restricted: no edit inside a swap
  CHECK(nearest("quiet_hous", {"daily_cap_per_shopper", "quiet_hours"}) == "quiet_hours");
  CHECK(nearest("on", {"id", "between"}).empty());
  CHECK(nearest(std::string(10'000, 'x'), {"id"}).empty());
}

TEST_CASE("placeholders") {
  const std::vector<std::string> attributes{"nickname"};
  CHECK(check_placeholders("{store_name} {nickname|you} {recommendation.title|this}", &attributes).errors.empty());
  CHECK(check_placeholders("{store_name}", &attributes).warnings.empty());
  CHECK(check_placeholders("{nickname}", &attributes).warnings.size() == 1);
  CHECK(check_placeholders("{nickname|}", &attributes).warnings.size() == 1);
  CHECK(check_placeholders("{nicknme}", &attributes).errors.at(0).hint == "did you mean `nickname`?");
  CHECK(check_placeholders("{}", &attributes).errors.size() == 1);
  CHECK(check_placeholders("{nickname", &attributes).errors.at(0).text == "a { is not closed");
  CHECK(check_placeholders("{a {nickname|x}", &attributes).errors.size() == 1);
  CHECK(check_placeholders("nickname}", &attributes).errors.at(0).text == "a } without its {");
  CHECK(check_placeholders("{whatever}", nullptr).errors.empty());
}
