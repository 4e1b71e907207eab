// The shop as presence sees it: zones, the scanners that cover them, and when a visit starts and ends
// (contract 3.2, 3.7).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/advertisement.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

using ZoneIndex = std::uint16_t;  // position in Shop::zones

struct Zone {
  std::string id;
  bool entrance = false;           // visits start here
  double enter_dbm = -75;          // at or above: in the zone
  double exit_dbm = -82;           // at or above: a sighting convinces; never above enter_dbm
  std::vector<ZoneIndex> next_to;  // for the calibrated mode; empty: all zones touch
};

struct Scanner {
  std::string adapter;  // "hci0" or an address
  ZoneIndex zone = 0;
  int offset_db = 0;  // added to every RSSI of this scanner
};

struct VisitRules {
  int min_sightings = 3;
  Duration zone_left_after = std::chrono::seconds{45};
  Duration ends_after = std::chrono::minutes{10};
};

struct Calibration;  // calibration.hpp

struct Shop {
  std::vector<Zone> zones;
  std::vector<Scanner> scanners;
  VisitRules visit;
  std::shared_ptr<const Calibration> calibration;  // of calibration.toml; none: simple mode
};

}  // namespace beacon_gateway
