#include "settings/source_file.hpp"

#include <algorithm>
#include <utility>

#include "settings/utf8.hpp"

namespace beacon_gateway {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kLongestKept = 1024;  // octets of a line kept with a fault: more than is ever shown of it

struct BadText {
  Position at;
  Utf8 state;
};

// Thai in TIS-620 looks like one cut character after another; a true cut stands alone.
bool followed_by_good(std::string_view rest) {
  return rest.empty() || first_code_point(rest).state == Utf8::good;
}

// `bytes` as UTF-8 with U+FFFD for what is none, and the first bad place of every line.
std::pair<std::string, std::vector<BadText>> to_utf8(std::string_view bytes) {
  std::string text;
  std::vector<BadText> bad;
  Position at;
  while (!bytes.empty()) {
    const CodePoint point = first_code_point(bytes);
    if (point.state == Utf8::good) {
      text += bytes.substr(0, point.size);
    } else {
      text += "\uFFFD";
    }
    bytes.remove_prefix(point.size);
    if (point.state != Utf8::good && (bad.empty() || bad.back().at.line != at.line)) {
      bad.push_back({at, followed_by_good(bytes) ? point.state : Utf8::bad});
    }
    at = point.value == U'\n' ? Position{at.line + 1, 1} : Position{at.line, at.column + 1};
  }
  return {std::move(text), std::move(bad)};
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace

SourceFile::SourceFile(std::string name, std::string_view bytes) : name_{std::move(name)} {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  check_encoding(bytes);
}

void SourceFile::check_encoding(std::string_view bytes) {
  is_text_ = !bytes.starts_with("\xFF\xFE") && !bytes.starts_with("\xFE\xFF");
  if (!is_text_) {
    error({}, "the file is UTF-16", "save it as UTF-8 (in Notepad: Save as, Encoding: UTF-8)");
    return;
  }
  auto [text, bad] = to_utf8(bytes);
  text_ = std::move(text);
  lines_ = lines_of(text_);
  for (const BadText& one : bad) {
    if (one.state == Utf8::cut) {
      error(one.at, "the text is cut in the middle of a character",
            "type the last letter again and save as UTF-8; a Thai letter takes three bytes");
    } else {
      error(one.at, "this is not UTF-8", "save the file as UTF-8, not as TIS-620 or Windows-874");
    }
  }
}

std::string_view SourceFile::line(std::uint32_t number) const {
  return number >= 1 && number <= lines_.size() ? std::string_view{lines_[number - 1]} : std::string_view{};
}

void SourceFile::mend(std::uint32_t line_number, std::string_view closing) {
  std::size_t start = 0;
  for (std::uint32_t i = 1; i < line_number; ++i) start = text_.find('\n', start) + 1;
  std::size_t end = std::min(text_.find('\n', start), text_.size());
  if (end > start && text_[end - 1] == '\r') --end;
  text_.insert(end, closing);
}

void SourceFile::error(Position at, std::string text, std::string hint) {
  ++errors_;
  add(Severity::error, at, std::move(text), std::move(hint));
}

void SourceFile::warning(Position at, std::string text, std::string hint) {
  add(Severity::warning, at, std::move(text), std::move(hint));
}

void SourceFile::add(Severity severity, Position at, std::string text, std::string hint) {
  if (faults_.size() > kMostFaults) return;
  if (faults_.size() == kMostFaults) {
    faults_.push_back({Severity::error,
                       name_,
                       {static_cast<std::uint32_t>(lines_.size()), 1},
                       "too many faults: the rest is not shown",
                       "",
                       ""});
    return;
  }
  faults_.push_back(
      {severity, name_, at, std::move(text), std::move(hint), std::string{line(at.line).substr(0, kLongestKept)}});
}

std::vector<Fault> SourceFile::take_faults() {
  std::ranges::stable_sort(faults_, {}, &Fault::at);
  return std::exchange(faults_, {});
}

}  // namespace beacon_gateway
