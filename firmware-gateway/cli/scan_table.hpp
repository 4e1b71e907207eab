// What `scan` shows: a row for each device and scanner, with what it sends, how strongly and how often. Pure: time is
// the advertisements'. Strangers live in memory only, and are masked unless all is to be shown; so are shoppers. Test
// tags, devices of the shop's own, are not.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway.hpp"
#include "settings/settings.hpp"

namespace beacon_gateway {

class ScanTable {
 public:
  // More strangers than this are counted and get no row: a flood must not eat the box. A busy mall has some 2 000
  // devices in reach.
  static constexpr std::size_t kMostRows = 4096;
  // The rate is that of the last so many seconds in which the device was heard.
  static constexpr int kRateSeconds = 10;

  // The settings outlive the table. `reveal`: nothing is masked.
  ScanTable(const Settings& settings, bool reveal) : settings_(settings), reveal_(reveal) {}

  // `whose`: nothing if nobody could say.
  void hear(const Advertisement& advertisement, std::optional<Whose> whose);
  void forget_before(MonotonicTime at);

  [[nodiscard]] std::size_t devices() const;
  [[nodiscard]] std::uint64_t advertisements() const { return advertisements_; }

  // Ours first, then the strongest; at most `most` rows, and how many there are more.
  [[nodiscard]] std::string text(MonotonicTime now, std::size_t most) const;
  // An object a line, all rows.
  [[nodiscard]] std::string json(MonotonicTime now) const;

 private:
  using Key = std::pair<Address, ScannerIndex>;
  struct Row {
    std::string frames;
    std::optional<Whose> whose;
    std::optional<double> level_dbm;  // a mean that forgets
    std::uint64_t packets = 0;
    MonotonicTime first{};
    MonotonicTime last{};
    std::array<std::uint32_t, kRateSeconds> by_second{};  // a ring
  };
  using Rows = std::map<Key, Row>;

  [[nodiscard]] std::string frames_of(const Advertisement& advertisement, bool reveal) const;
  [[nodiscard]] std::string device_text(const Rows::value_type& row) const;
  [[nodiscard]] bool in_clear(std::optional<Whose> whose) const { return reveal_ || whose == Whose::test_tag; }
  [[nodiscard]] std::vector<const Rows::value_type*> ordered() const;
  [[nodiscard]] static double rate(const Row& row);

  const Settings& settings_;
  bool reveal_;
  Rows rows_;
  std::uint64_t advertisements_ = 0;
  std::uint64_t without_row_ = 0;
};

// "shopper", "test tag", "staff", "-", or "?" where nobody could say.
[[nodiscard]] const char* word(std::optional<Whose> whose);

}  // namespace beacon_gateway
