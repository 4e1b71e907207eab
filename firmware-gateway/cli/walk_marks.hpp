// Where the technician stood in a recorded walk, as a CSV file says it (contract 3.1): the header `from,zone`, then a
// line for each place from when she stood there, in unix seconds with an optional fraction, and a zone's id or
// "street".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/presence/shop.hpp"

namespace beacon_gateway {

struct WalkMark {
  WallTime from{};
  std::optional<ZoneIndex> zone;  // nothing: the street
  friend bool operator==(const WalkMark&, const WalkMark&) = default;
};

struct WalkMarks {
  std::vector<WalkMark> marks;      // rising
  std::vector<std::string> faults;  // "FILE:LINE: error: text"; the marks are of no use if there is one
};

[[nodiscard]] WalkMarks read_walk_marks(std::string_view text, const std::string& file_name, const Shop& shop);

// The newest mark at or before `at`; null before the first.
[[nodiscard]] const WalkMark* mark_at(std::span<const WalkMark> marks, WallTime at);

}  // namespace beacon_gateway
