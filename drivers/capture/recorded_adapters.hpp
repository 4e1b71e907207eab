// Which number and address the adapters of our scanners have in a capture that we write, so that `replay` finds each
// scanner again by what the configuration calls it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bluetooth_report.hpp"

namespace beacon_gateway::capture {

struct RecordedAdapter {
  std::uint16_t index = 0;  // N of "hciN"
  std::optional<std::array<std::uint8_t, 6>> address;
  friend bool operator==(const RecordedAdapter&, const RecordedAdapter&) = default;
};

// "hciN": N.
[[nodiscard]] std::optional<std::uint16_t> adapter_index(std::string_view adapter);

// One a scanner. An adapter that is not there now gets a number that no other has.
[[nodiscard]] std::vector<RecordedAdapter> recorded_adapters(const std::vector<std::string>& scanner_adapters,
                                                             const std::vector<BluetoothAdapter>& there);

}  // namespace beacon_gateway::capture
