// A TOML 1.0 document as values of our own, each with its place in the file; tables keep the order of the file.
// toml++ itself stays in toml_document.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "settings/fault.hpp"

namespace beacon_gateway {

struct TomlTime {};  // a time of day alone; no key of ours takes one

struct TomlDateTime {
  std::chrono::year_month_day date{};
  std::chrono::microseconds time_of_day{};
  std::optional<std::chrono::minutes> offset;  // absent: the file does not say which instant is meant
};

struct TomlEntry;
struct TomlValue;
using TomlTable = std::vector<TomlEntry>;
using TomlList = std::vector<TomlValue>;

struct TomlValue {
  Position at;
  std::variant<std::string, std::int64_t, double, bool, std::chrono::year_month_day, TomlTime, TomlDateTime, TomlList,
               TomlTable>
      value;
};

struct TomlEntry {
  std::string key;
  Position at;  // of the key
  TomlValue value;
};

// "a text", "a whole number", …
[[nodiscard]] std::string kind_of(const TomlValue& value);

}  // namespace beacon_gateway
