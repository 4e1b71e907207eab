// What presence remembers of one shopper: plain values, saved with every commit so that a restart continues exactly.
#pragma once

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "core/presence/shop.hpp"

namespace beacon_gateway {

// The smoothed level of a shopper at one scanner.
struct ScannerLevel {
  double mean_dbm = 0;
  Instant heard;  // the newest advertisement in the mean
  friend bool operator==(const ScannerLevel&, const ScannerLevel&) = default;
};

// An advertisement that counts towards the start of a visit.
struct StartSighting {
  Instant at;
  ScannerIndex scanner = 0;
  friend bool operator==(const StartSighting&, const StartSighting&) = default;
};

// The present stay in one zone.
struct ZoneStay {
  ZoneIndex zone = 0;
  Instant entered;
  Instant last_convincing;
  friend bool operator==(const ZoneStay&, const ZoneStay&) = default;
};

struct Visit {
  Instant started;          // the advertisement that started it
  Instant last_convincing;  // in any zone
  std::optional<ZoneStay> stay;
  std::vector<std::pair<ZoneIndex, Duration>> dwell;  // finished stays, summed by zone, in the order of first entering
  std::optional<ZoneIndex> last_zone;                 // of the newest finished stay
  friend bool operator==(const Visit&, const Visit&) = default;
};

struct Track {
  std::vector<std::optional<ScannerLevel>> levels;  // by scanner
  std::vector<StartSighting> start_sightings;       // while no visit is open; the oldest first
  std::optional<Visit> visit;
  friend bool operator==(const Track&, const Track&) = default;
};

// What happened to a shopper, in the order in which it is told.
struct ZoneLeft {
  ZoneIndex zone = 0;
  Duration dwell{};
};
struct VisitEnded {
  Instant started;
  Instant left;                   // the last convincing sighting
  std::optional<ZoneIndex> zone;  // the one left last
  std::vector<std::pair<ZoneIndex, Duration>> dwell;
};
struct VisitStarted {
  ZoneIndex zone = 0;
  double level_dbm = 0;
  int sightings = 0;  // that convinced
  int scanners = 0;   // that heard the shopper meanwhile
};
struct ZoneEntered {
  ZoneIndex zone = 0;
};
// A convincing sighting in the present zone: the stay grew from `from` (excluded) to `to` (included).
struct ZoneDwelled {
  ZoneIndex zone = 0;
  Duration from{};
  Duration to{};
};
using PresenceChange = std::variant<ZoneLeft, VisitEnded, VisitStarted, ZoneEntered, ZoneDwelled>;

}  // namespace beacon_gateway
