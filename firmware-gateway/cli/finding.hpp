// What `doctor` has to say: findings, numbered, each with its cause and its remedy, in Thai or English.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "cli/language.hpp"

namespace beacon_gateway {

enum class Verdict : std::uint8_t {
  good,
  note,   // works, but not as well as it could, or as somebody may think
  fault,  // does not work
};

// The three parts share their values: {0} is the same in all.
struct FindingText {
  Sentence text;
  Sentence cause;
  Sentence remedy;
};

struct Finding {
  Verdict verdict = Verdict::good;
  const char* check = "";  // what was looked at, one word
  std::string text;
  std::string cause;   // of what is not good
  std::string remedy;  // likewise
};

class Findings {
 public:
  explicit Findings(Language language) : language_(language) {}

  template <class... Values>
  void good(const char* check, const Sentence& sentence, const Values&... values) {
    all_.push_back({Verdict::good, check, said(sentence, values...), {}, {}});
  }
  template <class... Values>
  void note(const char* check, const FindingText& text, const Values&... values) {
    add(Verdict::note, check, text, values...);
  }
  template <class... Values>
  void fault(const char* check, const FindingText& text, const Values&... values) {
    add(Verdict::fault, check, text, values...);
  }

  [[nodiscard]] Language language() const { return language_; }
  [[nodiscard]] const std::vector<Finding>& all() const { return all_; }
  [[nodiscard]] bool any_fault() const;

  // What is good a line each, then the numbered findings, faults first; then how many there are.
  [[nodiscard]] std::string text() const;
  // An object a line, in the same order and with the same numbers; what is good has none.
  [[nodiscard]] std::string json() const;

 private:
  template <class... Values>
  [[nodiscard]] std::string said(const Sentence& sentence, const Values&... values) const {
    return fmt::format(fmt::runtime(sentence.in(language_)), values...);
  }
  template <class... Values>
  void add(Verdict verdict, const char* check, const FindingText& text, const Values&... values) {
    all_.push_back(
        {verdict, check, said(text.text, values...), said(text.cause, values...), said(text.remedy, values...)});
  }
  [[nodiscard]] std::vector<const Finding*> of(Verdict verdict) const;

  Language language_;
  std::vector<Finding> all_;  // in the order in which was looked
};

}  // namespace beacon_gateway
