#include "settings/fault.hpp"

#include <algorithm>
#include <string_view>

#include "settings/utf8.hpp"

namespace beacon_gateway {
namespace {

// Longer lines are cut on the screen; three terminal lines show all that a hint needs.
constexpr std::size_t kLongestShown = 240;

std::string_view word(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

// What must stand before the caret for it to stand under `column` of `line`.
std::string caret_indent(std::string_view line, std::uint32_t column) {
  std::string indent;
  std::uint32_t at = 1;
  for (; at < column && !line.empty(); ++at) {
    const CodePoint point = first_code_point(line);
    if (point.value == U'\t') {
      indent += '\t';
    } else {
      indent.append(static_cast<std::size_t>(columns(point.value)), ' ');
    }
    line.remove_prefix(point.size);
  }
  return indent;
}

}  // namespace

bool any_error(const std::vector<Fault>& faults) {
  return std::ranges::any_of(faults, [](const Fault& fault) { return fault.severity == Severity::error; });
}

std::string rendered(const Fault& fault) {
  std::string result = fault.file + ':';
  if (fault.at.line > 0) result += std::to_string(fault.at.line) + ':' + std::to_string(fault.at.column) + ':';
  result += ' ' + std::string{word(fault.severity)} + ": " + printable(fault.text, kLongestShown) + '\n';
  if (!fault.source_line.empty() && fault.at.column <= kLongestShown) {
    const std::string line = printable(fault.source_line, kLongestShown);
    result += line + '\n' + caret_indent(line, fault.at.column) + "^\n";
  }
  if (!fault.hint.empty()) result += "hint: " + fault.hint + '\n';
  return result;
}

std::string as_json(const Fault& fault) {
  return R"({"severity":")" + std::string{word(fault.severity)} + R"(","file":)" + json_text(fault.file) +
         R"(,"line":)" + std::to_string(fault.at.line) + R"(,"column":)" + std::to_string(fault.at.column) +
         R"(,"text":)" + json_text(fault.text) + R"(,"hint":)" + json_text(fault.hint) + '}';
}

}  // namespace beacon_gateway
