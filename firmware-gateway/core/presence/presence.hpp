// Where a shopper is: sightings and silence in, visits and zones out (contract 3.7).
//
// With a calibration the calibrated mode judges each sighting, else the simple one; what silence ends is the same in
// both. Belongs to one thread; the shop must outlive it. No allocation per sighting once a visit is open, but for the
// changes.
#pragma once

#include <optional>
#include <vector>

#include "core/presence/calibrated_mode.hpp"
#include "core/presence/shop.hpp"
#include "core/presence/track.hpp"

namespace beacon_gateway {

class Presence {
 public:
  explicit Presence(const Shop& shop);

  // Anything at all was heard at `scanner`, of whomever: it is not deaf.
  void note_alive(ScannerIndex scanner, const Instant& at) { heard_anything_[scanner] = at.monotonic; }

  // A sighting at `scanner` of `rssi_dbm` (its offset not yet added). Pass every deadline up to `at` first. Appends to
  // `changes`.
  void observe(Track& track, ScannerIndex scanner, int rssi_dbm, const Instant& at,
               std::vector<PresenceChange>& changes) const;

  // When silence will next change this track, if nothing is heard before; nothing for a track that holds nothing.
  [[nodiscard]] std::optional<Instant> next_deadline(const Track& track) const;

  // Silence until the track's next deadline: a zone is left, a visit ends, or the track is `empty` and can be
  // forgotten. Appends to `changes`.
  void pass_deadline(Track& track, std::vector<PresenceChange>& changes) const;

  // The visit, which is open, ends here and now: she is another gateway's. Appends to `changes`.
  static void end_visit(Track& track, std::vector<PresenceChange>& changes);

  // The visit, which is open and has been in a zone, goes on here after another gateway has lost her: it is told as if
  // it started at `at`, in its zone. Appends to `changes`.
  static void keep_on(Track& track, const Instant& at, std::vector<PresenceChange>& changes);

  // True when nothing is left to remember.
  [[nodiscard]] static bool empty(const Track& track);

 private:
  [[nodiscard]] Instant end_of(const Visit& visit) const;

  const Shop* shop_;
  std::optional<CalibratedMode> calibrated_;
  std::vector<std::optional<MonotonicTime>> heard_anything_;  // by scanner
};

}  // namespace beacon_gateway
