#include "settings/toml_document.hpp"

#include <toml++/toml.h>

#include <algorithm>

#include "settings/syntax_fault.hpp"

namespace beacon_gateway {
namespace {

// One text not closed is a slip, many are another kind of file.
constexpr int kMostMended = 8;

Position position(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

std::chrono::year_month_day date_of(const toml::date& date) {
  return {std::chrono::year{date.year}, std::chrono::month{date.month}, std::chrono::day{date.day}};
}

TomlDateTime date_time_of(const toml::date_time& from) {
  using namespace std::chrono;
  TomlDateTime to;
  to.date = date_of(from.date);
  to.time_of_day = hours{from.time.hour} + minutes{from.time.minute} + seconds{from.time.second} +
                   floor<microseconds>(nanoseconds{from.time.nanosecond});
  if (from.offset) to.offset = minutes{from.offset->minutes};
  return to;
}

TomlValue value_of(const toml::node& node);

TomlTable table_of(const toml::table& from) {
  TomlTable to;
  for (const auto& [key, node] : from) to.push_back({std::string{key.str()}, position(key.source()), value_of(node)});
  std::ranges::stable_sort(to, {},
                           &TomlEntry::at);  // toml++ sorts by name; "the first language given" needs the file's
  return to;
}

TomlList list_of(const toml::array& from) {
  TomlList to;
  for (const toml::node& node : from) to.push_back(value_of(node));
  return to;
}

// Depth is bounded by toml++ (TOML_MAX_NESTED_VALUES, 256).
TomlValue value_of(const toml::node& node) {
  TomlValue to{position(node.source()), false};
  if (const auto* text = node.as_string()) to.value = text->get();
  if (const auto* number = node.as_integer()) to.value = number->get();
  if (const auto* number = node.as_floating_point()) to.value = number->get();
  if (const auto* flag = node.as_boolean()) to.value = flag->get();
  if (const auto* date = node.as_date()) to.value = date_of(date->get());
  if (node.is_time()) to.value = TomlTime{};
  if (const auto* date_time = node.as_date_time()) to.value = date_time_of(date_time->get());
  if (const auto* list = node.as_array()) to.value = list_of(*list);
  if (const auto* table = node.as_table()) to.value = table_of(*table);
  return to;
}

}  // namespace

std::optional<TomlValue> parse_toml(SourceFile& file) {
  if (!file.is_text()) return std::nullopt;
  std::uint32_t last_mended = 0;
  for (int mended = 0;; ++mended) {
    try {
      return value_of(toml::parse(std::string_view{file.text()}));
    } catch (const toml::parse_error& fault) {
      const std::uint32_t line = fault.source().begin.line;
      if (line <= last_mended) return std::nullopt;  // it did not help, and the fault is reported already
      const std::string_view closing = report_syntax(file, position(fault.source()), fault.description());
      if (closing.empty() || mended == kMostMended) return std::nullopt;
      file.mend(line, closing);
      last_mended = line;
    }
  }
}

}  // namespace beacon_gateway
