// [[campaign.variant]]
#include <algorithm>

#include "settings/tables.hpp"
#include "settings/template_text.hpp"
#include "settings/utf8.hpp"
#include "settings/values.hpp"

namespace beacon_gateway {
namespace {

constexpr Range<int> kWeight{0, 1000};

// What phones show of a notification before they cut it (Android and iOS, expanded, about this many letters).
constexpr std::size_t kTitleLetters = 80;
constexpr std::size_t kBodyLetters = 240;

LocalizedText read_texts(TableReader& table, std::string_view key, std::size_t most,
                         const std::vector<std::string>* attributes) {
  LocalizedText texts;
  for (const auto& [language, text, at] : table.local_texts(key)) {
    const TextFaults faults = check_placeholders(text, attributes);
    for (const Problem& fault : faults.errors) table.file().error(at, fault);
    for (const Problem& fault : faults.warnings) table.file().warning(at, fault.text, fault.hint);
    if (const std::size_t count = letters(text); count > most)
      table.file().warning(
          at, "this text has " + std::to_string(count) + " letters; phones cut it after about " + std::to_string(most));
    texts.emplace_back(language, text);
  }
  return texts;
}

bool speaks(const LocalizedText& texts, std::string_view language) {
  return std::ranges::any_of(texts, [&](const auto& text) { return text.first == language; });
}

void warn_of_missing_languages(TableReader& table, const Variant& variant) {
  for (const auto& [language, text] : variant.title) {
    if (!variant.body.empty() && !speaks(variant.body, language))
      table.warning("body", " has no " + language + ", the title has: the message would mix languages");
  }
  for (const auto& [language, text] : variant.body) {
    if (!variant.title.empty() && !speaks(variant.title, language))
      table.warning("title", " has no " + language + ", the body has: the message would mix languages");
  }
}

}  // namespace

std::vector<Variant> read_variants(std::vector<TableReader> tables, const std::vector<std::string>* attributes) {
  std::vector<Variant> variants;
  for (TableReader& table : tables) {
    Variant variant;
    const bool named = table.parsed("id", parse_name, variant.id);
    if (named && std::ranges::find(variants, variant.id, &Variant::id) != variants.end())
      table.error("id", ": this campaign has two variants \"" + variant.id + '"');
    table.integer("weight", kWeight, variant.weight);
    variant.title = read_texts(table, "title", kTitleLetters, attributes);
    variant.body = read_texts(table, "body", kBodyLetters, attributes);
    warn_of_missing_languages(table, variant);
    table.text("link", variant.link);
    table.finish({"id", "title", "body"});
    variants.push_back(std::move(variant));
  }
  const bool all_zero = std::ranges::all_of(variants, [](const Variant& variant) { return variant.weight == 0; });
  if (all_zero && !variants.empty())
    tables.front().error("weight", ": every variant of this campaign has weight 0",
                         "give at least one a weight above 0");
  return variants;
}

}  // namespace beacon_gateway
