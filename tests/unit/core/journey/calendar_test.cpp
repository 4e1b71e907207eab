#include "core/journey/calendar.hpp"

#include "core/journey/campaign.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;
using std::chrono::local_days;
using std::chrono::sys_days;

namespace {

constexpr local_days kSunday{2026y / 11 / 22};
constexpr DailyHours kDay{10h, 22h};
constexpr DailyHours kNight{21h + 30min, 9h + 30min};

TimeZone fixed(std::chrono::seconds offset) {
  return {"fixed", {{WallTime{}, offset}}};
}

// Summer time of 2026 begins on 29 March and ends on 25 October, both at 01:00 UTC.
TimeZone berlin() {
  return {"Europe/Berlin",
          {{WallTime{}, 1h}, {sys_days{2026y / 3 / 29} + 1h, 2h}, {sys_days{2026y / 10 / 25} + 1h, 1h}}};
}

LocalTime on(local_days date, std::chrono::minutes time_of_day) {
  return {date, time_of_day};
}

}  // namespace

TEST_CASE("a zone without transitions is UTC") {
  const auto local = local_time({}, sys_days{2026y / 11 / 22} + 23h + 59min + 59s + 999ms);
  CHECK(local.date == kSunday);
  CHECK(local.time_of_day == 23h + 59min);
  CHECK(local.weekday() == std::chrono::Sunday);
}

TEST_CASE("local midnight is where the date changes, not UTC's") {
  const auto bangkok = fixed(7h);
  const WallTime midnight = sys_days{2026y / 11 / 21} + 17h;
  CHECK(local_time(bangkok, midnight - 1us).date == kSunday - std::chrono::days{1});
  CHECK(local_time(bangkok, midnight - 1us).time_of_day == 23h + 59min);
  CHECK(local_time(bangkok, midnight).date == kSunday);
  CHECK(local_time(bangkok, midnight).time_of_day == 0min);
}

TEST_CASE("time of day is never negative, west of Greenwich and before 1970 included") {
  const auto local = local_time(fixed(-5h), WallTime{} - 1us);
  CHECK(date_text(local.date) == "1969-12-31");
  CHECK(local.time_of_day == 18h + 59min);
}

TEST_CASE("summer time begins and ends at its instant") {
  const WallTime begins = sys_days{2026y / 3 / 29} + 1h;
  CHECK(local_time(berlin(), begins - 1us).time_of_day == 1h + 59min);
  CHECK(local_time(berlin(), begins).time_of_day == 3h);
  const WallTime ends = sys_days{2026y / 10 / 25} + 1h;
  CHECK(local_time(berlin(), ends - 1us).time_of_day == 2h + 59min);
  CHECK(local_time(berlin(), ends).time_of_day == 2h);
}

TEST_CASE("hours within a day include their start and exclude their end") {
  CHECK_FALSE(span_start(kDay, on(kSunday, 9h + 59min)));
  CHECK(span_start(kDay, on(kSunday, 10h)) == kSunday);
  CHECK(span_start(kDay, on(kSunday, 21h + 59min)) == kSunday);
  CHECK_FALSE(span_start(kDay, on(kSunday, 22h)));
}

TEST_CASE("hours that cross midnight belong to the day on which they began") {
  CHECK_FALSE(span_start(kNight, on(kSunday, 21h + 29min)));
  CHECK(span_start(kNight, on(kSunday, 21h + 30min)) == kSunday);
  CHECK(span_start(kNight, on(kSunday, 0min)) == kSunday - std::chrono::days{1});
  CHECK(span_start(kNight, on(kSunday, 9h + 29min)) == kSunday - std::chrono::days{1});
  CHECK_FALSE(span_start(kNight, on(kSunday, 9h + 30min)));
}

TEST_CASE("24:00 ends the day, and equal start and end are a whole day") {
  CHECK(span_start({10h, 24h}, on(kSunday, 23h + 59min)) == kSunday);
  CHECK_FALSE(span_start({10h, 24h}, on(kSunday, 0min)));
  CHECK(span_start({6h, 6h}, on(kSunday, 6h)) == kSunday);
  CHECK(span_start({6h, 6h}, on(kSunday, 5h + 59min)) == kSunday - std::chrono::days{1});
}

TEST_CASE("a shop without opening hours is always open") {
  CHECK(is_open({}, on(kSunday, 3h)));
}

TEST_CASE("opening hours: weekdays, a night that runs on into a closed day, exceptions") {
  OpeningHours hours;
  hours.configured = true;
  hours.by_weekday[5] = DailyHours{18h, 2h};  // Saturday, into Sunday
  const local_days saturday = kSunday - std::chrono::days{1};

  CHECK(is_open(hours, on(saturday, 18h)));
  CHECK(is_open(hours, on(kSunday, 1h + 59min)));
  CHECK_FALSE(is_open(hours, on(kSunday, 2h)));
  CHECK_FALSE(is_open(hours, on(kSunday, 18h)));
  CHECK_FALSE(is_open(hours, on(saturday, 1h)));

  hours.exceptions.push_back({saturday, std::nullopt});
  CHECK_FALSE(is_open(hours, on(saturday, 18h)));
  CHECK_FALSE(is_open(hours, on(kSunday, 1h)));

  hours.exceptions.front().hours = DailyHours{10h, 12h};
  CHECK(is_open(hours, on(saturday, 11h)));
  CHECK_FALSE(is_open(hours, on(saturday, 18h)));
}

TEST_CASE("dates print as ISO 8601") {
  CHECK(date_text(kSunday) == "2026-11-22");
  CHECK(date_text(local_days{2027y / 1 / 1}) == "2027-01-01");
}

TEST_CASE("names on the wire") {
  CHECK(name(CampaignKind::assist) == "assist");
  CHECK(purpose_of(CampaignKind::survey) == Purpose::survey);
  CHECK(name(CampaignMoment::zone_dwelled) == "zone.dwelled");
  CHECK(name(Assurance::fixed) == "static");
  CHECK(name(Assurance::rotating) == "rotating");
}
