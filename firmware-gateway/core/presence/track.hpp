// What presence remembers of one shopper: plain values, saved with every commit so that a restart continues exactly.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "core/presence/shop.hpp"

namespace beacon_gateway {

// The smoothed level of a shopper at one scanner.
struct ScannerLevel {
  double mean_dbm = 0;
  Instant heard;           // the newest advertisement in the mean
  double settled_dbm = 0;  // a slower mean: while the two differ, the shopper moves
  friend bool operator==(const ScannerLevel&, const ScannerLevel&) = default;
};

// An advertisement that counts towards the start of a visit.
struct StartSighting {
  Instant at;
  ScannerIndex scanner = 0;
  friend bool operator==(const StartSighting&, const StartSighting&) = default;
};

// Calibrated mode: how likely each spot of the calibration is, with each strength that the device may have.
struct Belief {
  std::vector<float> shares;      // as BeliefFilter lays them out; they sum to 1. Empty: nothing is believed yet
  std::uint32_t calibration = 0;  // BeliefFilter's number of the one that it was made with
  Instant since;                  // the first sighting in it
  Instant at;                     // the newest one
  float interval_s = 0;           // between its advertisements, a sliding mean; 0: only one was heard
  float still_s = 0;              // during a visit: for so long the levels have not told of a movement
  friend bool operator==(const Belief&, const Belief&) = default;
};

// The present stay in one zone.
struct ZoneStay {
  ZoneIndex zone = 0;
  Instant entered;
  Instant last_convincing;
  std::optional<double> confidence{};  // calibrated mode: the belief in the zone at that sighting
  friend bool operator==(const ZoneStay&, const ZoneStay&) = default;
};

struct Visit {
  Instant started;          // the advertisement that started it
  Instant last_convincing;  // in any zone
  std::optional<ZoneStay> stay;
  std::vector<std::pair<ZoneIndex, Duration>> dwell;  // finished stays, summed by zone, in the order of first entering
  std::optional<ZoneIndex> last_zone;                 // of the newest finished stay
  std::optional<double> confidence{};  // calibrated mode: the belief in being inside at the last convincing sighting
  bool held_elsewhere = false;         // another gateway of the shop has the shopper: silence here ends nothing
  friend bool operator==(const Visit&, const Visit&) = default;
};

struct Track {
  std::vector<std::optional<ScannerLevel>> levels;  // by scanner
  std::vector<StartSighting> start_sightings;       // while no visit is open; the oldest first
  Belief belief;                                    // calibrated mode
  std::optional<Visit> visit;
  friend bool operator==(const Track&, const Track&) = default;
};

// What happened to a shopper, in the order in which it is told. `confidence` is the calibrated mode's, 0..1.
struct ZoneLeft {
  ZoneIndex zone = 0;
  Duration dwell{};
  std::optional<double> confidence{};
};
struct VisitEnded {
  Instant started;
  Instant left;                   // the last convincing sighting
  std::optional<ZoneIndex> zone;  // the one left last
  std::vector<std::pair<ZoneIndex, Duration>> dwell;
  std::optional<double> confidence{};
};
// What the start of a visit rests on.
enum class StartEvidence : std::uint8_t { scanners, app, gateway };  // gateway: it goes on from another one
struct VisitStarted {
  ZoneIndex zone = 0;
  double level_dbm = 0;  // this and the next two: of scanners only
  int sightings = 0;     // that convinced
  int scanners = 0;      // that heard the shopper meanwhile
  std::optional<double> confidence{};
  StartEvidence evidence = StartEvidence::scanners;
};
struct ZoneEntered {
  ZoneIndex zone = 0;
  std::optional<double> confidence{};
};
// A convincing sighting in the present zone: the stay grew from `from` (excluded) to `to` (included).
struct ZoneDwelled {
  ZoneIndex zone = 0;
  Duration from{};
  Duration to{};
};
using PresenceChange = std::variant<ZoneLeft, VisitEnded, VisitStarted, ZoneEntered, ZoneDwelled>;

}  // namespace beacon_gateway
