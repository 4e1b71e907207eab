// One mistake in the configuration, as a technician is told of it.
// A value; made by SourceFile, printed by `check`, `run` and `reload`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace beacon_gateway {

// Both from 1; columns count characters (code points), as editors do. Line 0: the file as a whole.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend auto operator<=>(const Position&, const Position&) = default;
};

enum class Severity : std::uint8_t { error, warning };

struct Fault {
  Severity severity = Severity::error;
  std::string file;
  Position at;
  std::string text;
  std::string hint;         // empty: none
  std::string source_line;  // empty: none is shown
};

[[nodiscard]] bool any_error(const std::vector<Fault>& faults);

// `FILE:LINE:COL: error: text`, the source line, a caret under the column, `hint: …`; each line ends in a newline.
// The caret counts display columns: Thai marks take none, tabs are repeated as tabs.
[[nodiscard]] std::string rendered(const Fault& fault);

// The same as one JSON object (RFC 8259) without a newline: severity, file, line, column, text, hint.
[[nodiscard]] std::string as_json(const Fault& fault);

}  // namespace beacon_gateway
