// One table of the configuration, read key by key: each getter stores a good value, reports a bad one with its place,
// and leaves the default where the key is absent. `finish` then reports keys that nobody asked for and keys that are
// missing. A value that was refused leaves its default: nothing that follows from it is reported a second time.
// Borrows table and file, which must outlive it.
#pragma once

#include <concepts>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.hpp"
#include "settings/problem.hpp"
#include "settings/source_file.hpp"
#include "settings/toml_value.hpp"

namespace beacon_gateway {

template <class Number>
struct Range {
  Number least;
  Number most;
};

class TableReader {
 public:
  // `name` as a person would write it: "[visit]".
  TableReader(const TomlTable& table, Position at, std::string name, SourceFile& file)
      : table_{&table}, at_{at}, name_{std::move(name)}, file_{&file} {}

  [[nodiscard]] bool given(std::string_view key) const { return entry(key) != nullptr; }
  [[nodiscard]] Position at() const { return at_; }
  [[nodiscard]] Position at(std::string_view key) const;  // of the value; of the table where the key is absent
  [[nodiscard]] SourceFile& file() const { return *file_; }

  // Each answers whether a good value was stored.
  bool text(std::string_view key, std::string& into);
  bool flag(std::string_view key, bool& into);
  bool number(std::string_view key, Range<double> range, double& into);
  bool date(std::string_view key, std::chrono::local_days& into);
  bool instant(std::string_view key, std::optional<WallTime>& into);

  template <std::integral Number, class Into>
  bool integer(std::string_view key, Range<Number> range, Into& into) {
    const auto value = whole_number(key, {range.least, range.most});
    if (value) into = static_cast<Number>(*value);
    return value.has_value();
  }

  template <class Into>
  bool duration(std::string_view key, Range<Duration> range, Into& into) {
    const auto value = duration_within(key, range);
    if (value) into = *value;
    return value.has_value();
  }

  // A text that `parse` understands.
  template <class Parse, class Into>
  bool parsed(std::string_view key, const Parse& parse, Into& into) {
    const TomlValue* value = find(key);
    if (value == nullptr) return false;
    const auto* text = expect<std::string>(key, *value, "a text in quotes");
    return text != nullptr && store(key, value->at, parse(*text), into);
  }

  // A list of texts that `parse` understands; those that it does not are left out and reported.
  template <class Parse, class Item>
  bool parsed_list(std::string_view key, const Parse& parse, std::vector<Item>& into) {
    const TomlList* list = this->list(key);
    if (list == nullptr) return false;
    into.clear();
    for (const TomlValue& value : *list) {
      const auto* text = expect<std::string>(key, value, "a list of texts");
      Item item{};
      if (text != nullptr && store(key, value.at, parse(*text), item)) into.push_back(std::move(item));
    }
    return true;
  }

  // The table under `key`, called `name`.
  [[nodiscard]] std::optional<TableReader> table(std::string_view key, std::string name);
  // The tables [[key]].
  [[nodiscard]] std::vector<TableReader> tables(std::string_view key);
  // Texts by language: `key.th = "…"`, or, where `untagged` is given, one text for that language.
  struct LocalText {
    std::string language;
    std::string text;
    Position at;
  };
  [[nodiscard]] std::vector<LocalText> local_texts(std::string_view key, std::string_view untagged = {});

  // Ends the reading.
  void finish(std::vector<std::string_view> required = {});

  void error(std::string_view key, const std::string& text, std::string hint = {});
  void warning(std::string_view key, const std::string& text, std::string hint = {});

 private:
  [[nodiscard]] const TomlEntry* entry(std::string_view key) const;
  [[nodiscard]] const TomlValue* find(std::string_view key);  // remembers that the key was asked for
  [[nodiscard]] const TomlList* list(std::string_view key);
  [[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view key, Range<std::int64_t> range);
  [[nodiscard]] std::optional<Duration> duration_within(std::string_view key, Range<Duration> range);
  void wrong_kind(std::string_view key, const TomlValue& value, std::string_view wanted);

  template <class Kind>
  const Kind* expect(std::string_view key, const TomlValue& value, std::string_view wanted) {
    const Kind* kind = std::get_if<Kind>(&value.value);
    if (kind == nullptr) wrong_kind(key, value, wanted);
    return kind;
  }

  template <class Value, class Into>
  bool store(std::string_view key, Position at, Parsed<Value> value, Into& into) {
    if (!value) {
      file_->error(at, '`' + std::string{key} + "`: " + value.error().text, value.error().hint);
      return false;
    }
    into = *std::move(value);
    return true;
  }

  const TomlTable* table_;
  Position at_;
  std::string name_;
  SourceFile* file_;
  std::vector<std::string_view> known_;
};

// A parser for `parsed`: a path, from `base` where it is relative.
[[nodiscard]] inline auto path_from(std::filesystem::path base) {
  return [base = std::move(base)](const std::string& text) -> Parsed<std::filesystem::path> {
    if (text.empty() || text.find('\0') != std::string::npos)
      return problem("the path is empty", "name a file, or delete the line");
    return (base / text).lexically_normal();
  };
}

// A parser for `parsed` that takes one of a few words.
template <class Value>
struct Word {
  std::string_view word;
  Value value;
};
[[nodiscard]] Problem unknown_word(std::string_view text, const std::vector<std::string_view>& words);

template <class Value, std::size_t kCount>
[[nodiscard]] auto one_of(const Word<Value> (&words)[kCount]) {
  return [&words](std::string_view text) -> Parsed<Value> {
    std::vector<std::string_view> names;
    for (const Word<Value>& word : words) {
      if (word.word == text) return word.value;
      names.push_back(word.word);
    }
    return tl::make_unexpected(unknown_word(text, names));
  };
}

}  // namespace beacon_gateway
