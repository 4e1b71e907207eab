// Masking by type: a value that could lead to a person prints as its kind and a few characters, never whole.
// Only the code that must see the value (codecs, stores, lookups) asks for it by name.
#pragma once

#include <string>
#include <string_view>

namespace beacon_gateway {

// "…" and the last `shown` bytes; texts not at least twice as long show nothing.
// Enough to tell two devices apart on a screen, too little to find one again.
[[nodiscard]] std::string masked_tail(std::string_view text, std::size_t shown);

}  // namespace beacon_gateway
