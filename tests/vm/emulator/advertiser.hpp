// The half of the emulated controller that advertises: keeps what the host told it, and says what would be on the air.
// Both ways of telling: legacy commands, which know one advertisement, and extended ones, which know sets by handle.
// Pure. Commands: Core 5.4, Vol 4 Part E, 7.8.4 to 7.8.9 and 7.8.52 to 7.8.60.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace beacon_gateway_vm {

using Octets = std::vector<std::uint8_t>;

struct AdvertisingSet {
  bool on = false;
  bool connectable = false;
  std::uint8_t address_type = 0;                        // 0 public, 1 random
  std::uint32_t least_interval = 0, most_interval = 0;  // in 0.625 ms
  Octets data, scan_response;
};

class Advertiser {
 public:
  // The answer of a Command Complete, or nothing if this is no command of advertising.
  [[nodiscard]] std::optional<Octets> answer(std::uint16_t opcode, std::span<const std::uint8_t> parameters);
  void reset() { sets_.clear(); }

  [[nodiscard]] std::uint64_t starts() const { return starts_; }  // of all sets

  // By handle; legacy commands tell of kLegacy.
  static constexpr std::uint8_t kLegacy = 0;
  [[nodiscard]] const std::map<std::uint8_t, AdvertisingSet>& sets() const { return sets_; }

 private:
  [[nodiscard]] std::optional<Octets> legacy(std::uint16_t opcode, std::span<const std::uint8_t> parameters);
  [[nodiscard]] std::optional<Octets> extended(std::uint16_t opcode, std::span<const std::uint8_t> parameters);
  void enable(std::span<const std::uint8_t> parameters);
  void turn(AdvertisingSet& set, bool on);

  std::map<std::uint8_t, AdvertisingSet> sets_;
  std::uint64_t starts_ = 0;
};

}  // namespace beacon_gateway_vm
