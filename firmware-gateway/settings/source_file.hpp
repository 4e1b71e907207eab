// One configuration file as text: its lines for messages, and the faults found in it so far.
// Bytes that are not UTF-8 are reported at once and replaced by U+FFFD, so that the rest can still be read.
// At most kMostFaults are kept: whoever gave us the wrong file needs no thousand lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/fault.hpp"
#include "settings/problem.hpp"

namespace beacon_gateway {

class SourceFile {
 public:
  static constexpr std::size_t kMostFaults = 100;

  SourceFile(std::string name, std::string_view bytes);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bool is_text() const noexcept { return is_text_; }  // false: UTF-16, of which nothing is read
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] std::string_view line(std::uint32_t number) const;  // from 1; empty where there is none

  // Adds `closing` at the end of a line of `text()`; the line shown to people stays as it was.
  void mend(std::uint32_t line_number, std::string_view closing);

  void error(Position at, std::string text, std::string hint = {});
  void error(Position at, Problem problem) { error(at, std::move(problem.text), std::move(problem.hint)); }
  void warning(Position at, std::string text, std::string hint = {});

  [[nodiscard]] std::size_t errors() const noexcept { return errors_; }
  [[nodiscard]] std::vector<Fault> take_faults();  // in the order of their positions

 private:
  void add(Severity severity, Position at, std::string text, std::string hint);
  void check_encoding(std::string_view bytes);

  std::string name_;
  bool is_text_ = true;
  std::string text_;
  std::vector<std::string> lines_;
  std::vector<Fault> faults_;
  std::size_t errors_ = 0;
};

}  // namespace beacon_gateway
