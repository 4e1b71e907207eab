#include "cli/finding.hpp"

#include <algorithm>

#include "settings/utf8.hpp"

namespace beacon_gateway {
namespace {

constexpr Sentence kGoodWord{"good ", "ปกติ "};
constexpr Sentence kFaultWord{"FAULT", "ผิดปกติ"};
constexpr Sentence kNoteWord{"note", "ควรทราบ"};
constexpr Sentence kCause{"cause: ", "สาเหตุ: "};
constexpr Sentence kRemedy{"do: ", "ให้ทำ: "};
constexpr Sentence kSum{"{} faults, {} notes.\n", "ผิดปกติ {} ข้อ ควรทราบ {} ข้อ\n"};

}  // namespace

bool Findings::any_fault() const {
  return std::ranges::find(all_, Verdict::fault, &Finding::verdict) != all_.end();
}

std::vector<const Finding*> Findings::of(Verdict verdict) const {
  std::vector<const Finding*> found;
  for (const Finding& one : all_)
    if (one.verdict == verdict) found.push_back(&one);
  return found;
}

std::string Findings::text() const {
  std::string text;
  for (const Finding* one : of(Verdict::good))
    text += fmt::format("{} {}: {}\n", kGoodWord.in(language_), one->check, one->text);
  int number = 0;
  for (const Verdict verdict : {Verdict::fault, Verdict::note})
    for (const Finding* one : of(verdict))
      text += fmt::format("\n{}. {} {}: {}\n   {}{}\n   {}{}\n", ++number,
                          (verdict == Verdict::fault ? kFaultWord : kNoteWord).in(language_), one->check, one->text,
                          kCause.in(language_), one->cause, kRemedy.in(language_), one->remedy);
  return text + '\n' + said(kSum, of(Verdict::fault).size(), of(Verdict::note).size());
}

std::string Findings::json() const {
  std::string text;
  for (const Finding* one : of(Verdict::good))
    text += fmt::format("{{\"verdict\":\"good\",\"check\":\"{}\",\"text\":{}}}\n", one->check, json_text(one->text));
  int number = 0;
  for (const Verdict verdict : {Verdict::fault, Verdict::note})
    for (const Finding* one : of(verdict))
      text += fmt::format(R"({{"number":{},"verdict":"{}","check":"{}","text":{},"cause":{},"remedy":{}}})"
                          "\n",
                          ++number, verdict == Verdict::fault ? "fault" : "note", one->check, json_text(one->text),
                          json_text(one->cause), json_text(one->remedy));
  return text;
}

}  // namespace beacon_gateway
