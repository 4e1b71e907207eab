#include "settings/syntax_fault.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "settings/utf8.hpp"

namespace beacon_gateway {
namespace {

struct Rewording {
  std::string_view said;  // part of toml++'s description (3.3 and 3.4)
  std::string_view text;
  std::string_view hint;
};

constexpr std::array kRewordings{
    Rewording{"could not determine value type", "the value is not understood",
              R"(a text stands in quotes, as in key = "text"; a number or a date stands without)"},
    Rewording{"expected a comment or whitespace, saw ','", "nothing may follow the value",
              "a decimal number has a point: 2.5; several values stand in brackets: [1, 2]"},
    Rewording{"expected a comment or whitespace", "nothing may follow the value",
              "one `key = value` a line; a comment starts with #"},
    Rewording{"expected '=', saw", "after the key comes =", "write key = value"},
    Rewording{"expected value, saw", "the value is missing", "write key = value, or delete the line"},
    Rewording{"expected 'true'", "the value is not understood", "true and false are written in small letters"},
    Rewording{"expected 'false'", "the value is not understood", "true and false are written in small letters"},
    Rewording{"string: encountered end-of-file", "a text is not closed",
              R"(look for a """ or ''' without its partner)"},
    Rewording{"array: encountered end-of-file", "the list is not closed", "put ] after the last value"},
    Rewording{"expected comma or closing ']'", "the list is not closed",
              "put ] after the last value, or a comma between"},
    Rewording{"table header: expected ']'", "the table's name is not closed",
              "write [name] or, where there may be several, [[name]]"},
    Rewording{"as array-of-tables", "this table is given once as [name] and once as [[name]]",
              "write [[name]] in both places"},
    Rewording{"cannot redefine existing table", "this table is given twice", "put all its keys under one header"},
    Rewording{"unknown escape sequence", "a \\ in a text must be written twice",
              R"(write \\, or put the text in single quotes: 'C:\file')"},
    Rewording{"saw '\\u00A0'", "a space that is none",
              "delete it and type a space: it came along from a web page or chat"},
};

constexpr std::string_view kQuotes = "\"'";

struct OpenQuote {
  std::uint32_t column;
  std::string_view mark;
};

// The quotation mark that opens a text which `line` does not close.
std::optional<OpenQuote> open_quote(std::string_view line) {
  std::optional<OpenQuote> open;
  for (std::uint32_t column = 1; !line.empty(); ++column) {
    const CodePoint point = first_code_point(line);
    const std::string_view letter = line.substr(0, point.size);
    line.remove_prefix(point.size);
    if (open) {
      if (letter == open->mark) open.reset();
      if (open && open->mark == "\"" && letter == "\\" && !line.empty()) {
        line.remove_prefix(first_code_point(line).size);
        ++column;
      }
    } else if (letter == "#") {
      break;
    } else if (const std::size_t mark = kQuotes.find(letter); mark != std::string_view::npos) {
      open = OpenQuote{column, kQuotes.substr(mark, 1)};
    }
  }
  return open;
}

// "Error while parsing string: unknown …" -> "unknown …"
std::string_view without_context(std::string_view description) {
  const std::size_t colon = description.find(": ");
  return description.starts_with("Error while parsing") && colon != std::string_view::npos
             ? description.substr(colon + 2)
             : description;
}

// "cannot redefine existing integer 'timezone'" -> "timezone"
std::string_view quoted(std::string_view description) {
  const std::size_t open = description.find('\'');
  const std::size_t close = description.rfind('\'');
  return open == close ? std::string_view{} : description.substr(open + 1, close - open - 1);
}

// Where `name` stands in that line; `at` if it does not.
Position place_of(std::string_view name, const SourceFile& file, Position at) {
  std::string_view before = file.line(at.line);
  const std::size_t found = before.find(name);
  if (found == std::string_view::npos) return at;
  before = before.substr(0, found);
  for (at.column = 1; !before.empty(); ++at.column) before.remove_prefix(first_code_point(before).size);
  return at;
}

bool curly_quote_at(std::string_view line, std::uint32_t column) {
  for (; column > 1 && !line.empty(); --column) line.remove_prefix(first_code_point(line).size);
  return std::ranges::any_of(std::array{"“", "”", "‘", "’", "„"},
                             [&](std::string_view quote) { return line.starts_with(quote); });
}

}  // namespace

std::string_view report_syntax(SourceFile& file, Position at, std::string_view description) {
  const bool line_ended = description.find("control characters") != std::string_view::npos;
  const bool file_ended = description.find("string: encountered end-of-file") != std::string_view::npos;
  // A text in triple quotes may run over lines: where it should have ended nobody can tell.
  const bool may_span_lines =
      file.text().find("\"\"\"") != std::string::npos || file.text().find("'''") != std::string::npos;
  const auto open = (line_ended || file_ended) && !may_span_lines ? open_quote(file.line(at.line)) : std::nullopt;
  if (open) {
    file.error({at.line, open->column}, "the text is not closed",
               "put " + std::string{open->mark} + " at its end, on the same line");
    return open->mark;
  }
  if (curly_quote_at(file.line(at.line), at.column)) {
    file.error(at, "curly quotes", R"(use the straight " of the keyboard)");
    return {};
  }
  for (const Rewording& one : kRewordings) {
    if (description.find(one.said) == std::string_view::npos) continue;
    file.error(at, std::string{one.text}, std::string{one.hint});
    return {};
  }
  if (description.find("cannot redefine existing") != std::string_view::npos) {
    const std::string name{quoted(description)};
    file.error(place_of(name, file, at), '`' + name + "` is given twice", "delete one of the two");
  } else {
    file.error(at, std::string{without_context(description)});
  }
  return {};
}

}  // namespace beacon_gateway
