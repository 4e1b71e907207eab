// What a fuzz target asserts, in every build type.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string_view>

namespace beacon_gateway_fuzz {

inline void require(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: an invariant does not hold\n", where.file_name(), where.line());
  std::abort();
}

// One line of text that a terminal and a log can show.
inline void require_printable(std::string_view text) {
  for (const char c : text) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

}  // namespace beacon_gateway_fuzz

// libFuzzer's entry point (llvm.org/docs/LibFuzzer.html).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
