// [journey], [journey.opening_hours]
#include <algorithm>

#include "settings/tables.hpp"
#include "settings/values.hpp"

namespace beacon_gateway {
namespace {

constexpr Range<int> kDailyCap{1, 100};

void read_exception(TableReader table, OpeningHours& hours) {
  OpeningHours::Exception exception;
  DailyHours span;
  bool closed = false;
  const bool dated = table.date("date", exception.date);
  if (table.parsed("hours", parse_hours, span)) exception.hours = span;
  table.flag("closed", closed);
  const bool said = table.given("hours") || table.given("closed");
  if (exception.hours && closed) table.error("closed", " and `hours` contradict each other", "give one of the two");
  if (!exception.hours && !closed && said && !table.given("hours"))
    table.error("closed", " = false says nothing", "give the hours of that day");
  if (!said)
    table.file().error(table.at(), "neither `hours` nor `closed` is given",
                       "write closed = true, or hours = \"10:00-18:00\"");
  table.finish({"date"});
  if (!dated) return;
  if (std::ranges::find(hours.exceptions, exception.date, &OpeningHours::Exception::date) != hours.exceptions.end())
    table.error("date", " " + date_text(exception.date) + " is given twice", "keep one of the two");
  hours.exceptions.push_back(exception);
}

}  // namespace

OpeningHours read_opening_hours(TableReader table) {
  OpeningHours hours;
  hours.configured = true;
  bool any_day = false;
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    DailyHours span;
    if (table.parsed(kDays[day], parse_hours, span)) hours.by_weekday[day] = span;
    any_day = any_day || table.given(kDays[day]);
  }
  for (TableReader& exception : table.tables("exceptions")) read_exception(exception, hours);
  table.finish();
  if (!any_day)
    table.file().warning(table.at(), "no weekday has hours: the shop counts as closed on every day but the exceptions");
  return hours;
}

void read_journey(TableReader table, JourneyRules& journey) {
  table.parsed("quiet_hours", parse_hours, journey.quiet_hours);
  table.integer("daily_cap_per_shopper", kDailyCap, journey.daily_cap_per_shopper);
  table.flag("report_suppressed", journey.report_suppressed);
  table.text("holdout_salt", journey.holdout_salt);
  if (const auto hours = table.table("opening_hours", "[journey.opening_hours]"))
    journey.opening_hours = read_opening_hours(*hours);
  table.finish();
}

}  // namespace beacon_gateway
