// What a text of the configuration says, or why it says nothing: the result of every value parser of this folder.
// The parsers know no file; TableReader adds the position.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace beacon_gateway {

struct Problem {
  std::string text;
  std::string hint;  // empty: none
};

template <class Value>
using Parsed = tl::expected<Value, Problem>;

[[nodiscard]] inline tl::unexpected<Problem> problem(std::string text, std::string hint = {}) {
  return tl::make_unexpected(Problem{std::move(text), std::move(hint)});
}

}  // namespace beacon_gateway
