#include "settings/table_reader.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "settings/duration.hpp"
#include "settings/nearest.hpp"
#include "settings/values.hpp"

namespace beacon_gateway {
namespace {

// 2569 of the Buddhist era is 2026; no gateway runs in 2400 of the common era.
constexpr int kBuddhistOffset = 543;
constexpr int kFirstBuddhistYear = 2400;

std::string ticked(std::string_view key) {
  return '`' + std::string{key} + '`';
}

std::string number_text(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

std::optional<Problem> wrong_year(const std::chrono::year_month_day& date) {
  const int year{date.year()};
  if (year <= kFirstBuddhistYear) return std::nullopt;
  return Problem{"the year " + std::to_string(year) + " is too far away",
                 "Buddhist-era year? " + std::to_string(year) + " is " + std::to_string(year - kBuddhistOffset)};
}

std::string kind_hint(const TomlValue& value, std::string_view wanted) {
  if (wanted.starts_with("tables [[")) return "write " + std::string{wanted.substr(7)} + " with two brackets";
  if (wanted.starts_with("a table [")) return "write " + std::string{wanted.substr(8)} + " with one bracket";
  const bool is_text = std::holds_alternative<std::string>(value.value);
  if (is_text && wanted.ends_with("number")) return "write the number without quotes and without a unit";
  if (is_text && wanted == "true or false") return "write true or false without quotes";
  if (is_text && wanted.starts_with("a list")) return R"(write a list: ["a", "b"])";
  if (is_text && wanted.starts_with("a date")) return "write the date without quotes";
  if (wanted.starts_with("a duration")) return R"(write the number and its unit in quotes: "90s", "10m", "4h")";
  if (wanted.starts_with("a text in")) return "put the value in quotes";
  return {};
}

}  // namespace

std::string kind_of(const TomlValue& value) {
  struct Name {
    std::string operator()(const std::string&) const { return "a text"; }
    std::string operator()(std::int64_t) const { return "a whole number"; }
    std::string operator()(double) const { return "a number"; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(const std::chrono::year_month_day&) const { return "a date"; }
    std::string operator()(const TomlTime&) const { return "a time of day"; }
    std::string operator()(const TomlDateTime&) const { return "a date with a time"; }
    std::string operator()(const TomlList&) const { return "a list"; }
    std::string operator()(const TomlTable&) const { return "a table"; }
  };
  return std::visit(Name{}, value.value);
}

Problem unknown_word(std::string_view text, const std::vector<std::string_view>& words) {
  const std::string hint = did_you_mean(text, words);
  return {"unknown value \"" + std::string{text} + '"', hint.empty() ? "known are " + listed(words) : hint};
}

const TomlEntry* TableReader::entry(std::string_view key) const {
  const auto found = std::ranges::find(*table_, key, &TomlEntry::key);
  return found == table_->end() ? nullptr : &*found;
}

const TomlValue* TableReader::find(std::string_view key) {
  known_.push_back(key);
  const TomlEntry* found = entry(key);
  return found == nullptr ? nullptr : &found->value;
}

Position TableReader::at(std::string_view key) const {
  const TomlEntry* found = entry(key);
  return found == nullptr ? at_ : found->value.at;
}

void TableReader::error(std::string_view key, const std::string& text, std::string hint) {
  file_->error(at(key), ticked(key) + text, std::move(hint));
}

void TableReader::warning(std::string_view key, const std::string& text, std::string hint) {
  file_->warning(at(key), ticked(key) + text, std::move(hint));
}

void TableReader::wrong_kind(std::string_view key, const TomlValue& value, std::string_view wanted) {
  file_->error(value.at, ticked(key) + " must be " + std::string{wanted} + ", not " + kind_of(value),
               kind_hint(value, wanted));
}

bool TableReader::text(std::string_view key, std::string& into) {
  return parsed(key, [](const std::string& text) -> Parsed<std::string> { return text; }, into);
}

bool TableReader::flag(std::string_view key, bool& into) {
  const TomlValue* value = find(key);
  const bool* flag = value == nullptr ? nullptr : expect<bool>(key, *value, "true or false");
  if (flag != nullptr) into = *flag;
  return flag != nullptr;
}

std::optional<std::int64_t> TableReader::whole_number(std::string_view key, Range<std::int64_t> range) {
  const TomlValue* value = find(key);
  const auto* number = value == nullptr ? nullptr : expect<std::int64_t>(key, *value, "a whole number");
  if (number == nullptr) return std::nullopt;
  if (*number >= range.least && *number <= range.most) return *number;
  error(key, " is " + std::to_string(*number),
        "it must be " + std::to_string(range.least) + " to " + std::to_string(range.most));
  return std::nullopt;
}

bool TableReader::number(std::string_view key, Range<double> range, double& into) {
  const TomlValue* value = find(key);
  if (value == nullptr) return false;
  const auto* whole = std::get_if<std::int64_t>(&value->value);
  const double* number = whole == nullptr ? expect<double>(key, *value, "a number") : nullptr;
  if (whole == nullptr && number == nullptr) return false;
  const double given = whole != nullptr ? static_cast<double>(*whole) : *number;
  if (given >= range.least && given <= range.most) {  // false for not-a-number
    into = given;
    return true;
  }
  error(key, " is " + number_text(given), "it must be " + number_text(range.least) + " to " + number_text(range.most));
  return false;
}

std::optional<Duration> TableReader::duration_within(std::string_view key, Range<Duration> range) {
  const TomlValue* value = find(key);
  const auto* text = value == nullptr ? nullptr : expect<std::string>(key, *value, "a duration in quotes");
  Duration duration{};
  if (text == nullptr || !store(key, value->at, parse_duration(*text), duration)) return std::nullopt;
  if (duration >= range.least && duration <= range.most) return duration;
  error(key, " is " + duration_text(duration),
        "it must be " + duration_text(range.least) + " to " + duration_text(range.most));
  return std::nullopt;
}

bool TableReader::date(std::string_view key, std::chrono::local_days& into) {
  const TomlValue* value = find(key);
  if (value == nullptr) return false;
  const auto* date = expect<std::chrono::year_month_day>(key, *value, "a date such as 2026-12-31");
  if (date == nullptr) return false;
  if (const auto wrong = wrong_year(*date)) {
    error(key, ": " + wrong->text, wrong->hint);
    return false;
  }
  into = std::chrono::local_days{*date};
  return true;
}

bool TableReader::instant(std::string_view key, std::optional<WallTime>& into) {
  const TomlValue* value = find(key);
  if (value == nullptr) return false;
  const auto* date_time =
      expect<TomlDateTime>(key, *value, "a date with time and offset, such as 2026-12-31T00:00:00+07:00");
  if (date_time == nullptr) return false;
  if (!date_time->offset) {
    error(key, " does not say in which time zone",
          "write the offset from UTC at its end: +07:00 for Thailand, Z for UTC");
  } else if (const auto wrong = wrong_year(date_time->date)) {
    error(key, ": " + wrong->text, wrong->hint);
  } else {
    into = WallTime{std::chrono::sys_days{date_time->date} + date_time->time_of_day - *date_time->offset};
    return true;
  }
  return false;
}

const TomlList* TableReader::list(std::string_view key) {
  const TomlValue* value = find(key);
  return value == nullptr ? nullptr : expect<TomlList>(key, *value, "a list of texts");
}

std::optional<TableReader> TableReader::table(std::string_view key, std::string name) {
  const TomlValue* value = find(key);
  const auto* table = value == nullptr ? nullptr : expect<TomlTable>(key, *value, "a table " + name);
  if (table == nullptr) return std::nullopt;
  return TableReader{*table, value->at, std::move(name), *file_};
}

std::vector<TableReader> TableReader::tables(std::string_view key) {
  const std::string name = "[[" + std::string{key} + "]]";
  std::vector<TableReader> result;
  const TomlValue* value = find(key);
  const auto* list = value == nullptr ? nullptr : expect<TomlList>(key, *value, "tables " + name);
  if (list == nullptr) return result;
  for (const TomlValue& one : *list) {
    if (const auto* table = expect<TomlTable>(key, one, "tables " + name))
      result.emplace_back(*table, one.at, name, *file_);
  }
  return result;
}

std::vector<TableReader::LocalText> TableReader::local_texts(std::string_view key, std::string_view untagged) {
  std::vector<LocalText> result;
  const TomlValue* value = find(key);
  if (value == nullptr) return result;
  const auto* plain = std::get_if<std::string>(&value->value);
  if (plain != nullptr && !untagged.empty()) return {{std::string{untagged}, *plain, value->at}};
  if (plain != nullptr) {
    error(key, " does not say in which language",
          "write " + std::string{key} + ".th = \"…\" and " + std::string{key} + ".en = \"…\"");
    return result;
  }
  const auto* table = expect<TomlTable>(key, *value, "texts by language");
  if (table == nullptr) return result;
  if (table->empty()) error(key, " has no text", "write " + std::string{key} + ".th = \"…\"");
  for (const TomlEntry& one : *table) {
    if (!is_language_tag(one.key)) {
      file_->error(one.at, ticked(one.key) + " is no language", "write th for Thai, en for English");
    } else if (const auto* text = expect<std::string>(one.key, one.value, "a text in quotes")) {
      if (text->empty()) file_->error(one.value.at, ticked(one.key) + " is empty", "write a text, or delete the line");
      result.push_back({one.key, *text, one.value.at});
    }
  }
  return result;
}

void TableReader::finish(std::vector<std::string_view> required) {
  std::erase_if(required, [this](std::string_view key) {
    const TomlEntry* found = entry(key);
    const auto* list = found == nullptr ? nullptr : std::get_if<TomlList>(&found->value.value);
    return found != nullptr && (list == nullptr || !list->empty());
  });
  for (const TomlEntry& one : *table_) {
    if (std::ranges::find(known_, one.key) != known_.end()) continue;
    std::vector<std::string_view> absent = known_;
    std::erase_if(absent, [this](std::string_view key) { return given(key); });
    std::string_view meant = nearest(one.key, absent);
    if (meant.empty()) meant = nearest(one.key, known_);
    std::erase(required, meant);  // the misspelling is the fault
    file_->error(one.at, "unknown key " + ticked(one.key) + " in " + name_,
                 meant.empty() ? "known are " + listed(known_) : "did you mean " + ticked(meant) + '?');
  }
  for (const std::string_view key : required) file_->error(at_, ticked(key) + " is missing in " + name_);
}

}  // namespace beacon_gateway
