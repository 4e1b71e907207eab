#include "cli/walk_marks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "messages/text_forms.hpp"
#include "settings/calibration_settings.hpp"

namespace beacon_gateway {
namespace {

constexpr std::string_view kHeader = "from,zone";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // spreadsheets write one
constexpr double kLatestSeconds = 4'102'444'800;             // the year 2100, as in captures

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::optional<WallTime> unix_time(std::string_view text) {
  double seconds = -1;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  const bool good =
      fault == std::errc{} && end == text.data() + text.size() && seconds >= 0 && seconds < kLatestSeconds;
  if (!good) return std::nullopt;
  return WallTime{Duration{std::llround(seconds * Duration::period::den)}};
}

// A mark, or what is wrong with its line.
tl::expected<WalkMark, std::string> mark_of(std::string_view line, const Shop& shop) {
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos) return tl::unexpected(std::string{"there is no comma; write `from,zone`"});
  const std::string_view time = trimmed(line.substr(0, comma));
  const auto from = unix_time(time);
  if (!from)
    return tl::unexpected(fmt::format("\"{}\" is no time; write unix seconds, as in 1772424005.10", printable(time)));
  const auto zone = parse_place(shop, trimmed(line.substr(comma + 1)));
  if (!zone) return tl::unexpected(printable(zone.error().text) + "; " + zone.error().hint);
  return WalkMark{*from, *zone};
}

}  // namespace

WalkMarks read_walk_marks(std::string_view text, const std::string& file_name, const Shop& shop) {
  WalkMarks result;
  std::size_t number = 0;
  const auto fault = [&](std::string_view what) {
    result.faults.push_back(fmt::format("{}:{}: error: {}", file_name, number, what));
  };
  bool header = false;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    if (!header) {
      header = true;
      if (line == kHeader) continue;
      fault("the first line must be `from,zone`");
    }
    const auto mark = mark_of(line, shop);
    if (!mark) {
      fault(mark.error());
    } else if (!result.marks.empty() && mark->from <= result.marks.back().from) {
      fault("is not after the line before it; the times must rise");
    } else {
      result.marks.push_back(*mark);
    }
  }
  if (result.marks.empty() && result.faults.empty()) {
    number = std::max<std::size_t>(number, 1);
    fault("there is no mark; write a line for each place, as in `1772424005.10,street`");
  }
  return result;
}

const WalkMark* mark_at(std::span<const WalkMark> marks, WallTime at) {
  const auto next = std::ranges::upper_bound(marks, at, {}, &WalkMark::from);
  return next == marks.begin() ? nullptr : &*std::prev(next);
}

}  // namespace beacon_gateway
