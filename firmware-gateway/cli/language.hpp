// The language in which a command speaks to the person before it (contract 3.1): Thai or English.
#pragma once

#include <cstdint>

namespace beacon_gateway {

enum class Language : std::uint8_t { en, th };

// A sentence in both.
struct Sentence {
  const char* en;
  const char* th;
  [[nodiscard]] const char* in(Language language) const { return language == Language::th ? th : en; }
};

}  // namespace beacon_gateway
