// A hidden Markov filter over the street and the spots of a shop: how likely the shopper is at each, given everything
// heard so far (the forward algorithm: Rabiner, "A tutorial on hidden Markov models", Proc. IEEE 77(2), 1989, III A).
//
// What is hidden is the spot s and the device's strength o, the dB by which it is heard more or less than the
// technician's tag (as in Haeberlen et al., "Practical robust localization over large-scale 802.11 wireless networks",
// MobiCom 2004, but hidden beside the place and learnt with it): o in steps of 3 dB, with a normal prior.
//
//   between sightings   p(s', o) += h * rate(s -> s') * p(s, o)      people walk: within a zone, to one that touches
//                                                                    it, through a door; sooner between spots that
//                                                                    sound alike
//                       p(s, o) += h / 100 s * (prior(o) * p(s) - p(s, o))
//                                                                    before a visit: who turns her back is heard anew
//                                                                    by all scanners together, which is no step inside
//   at a sighting       p(s, o) *= f(rssi - (level(s) + o)) ^ w      f: a normal density with a floor for what no model
//                                                                    foresees; w: below 1 for a sighting so soon after
//                                                                    the scanner's last one that it says the same
//                                                                    again, and where there are more than four scanners
//                       p(s, o) *= (1 - q heard(level(s) + o)) ^ w   for each scanner that has missed this sender's
//                                                                    last few advertisements
//
// Who stands still says the same again and again, and goes nowhere: her body, goods and walls keep each level as far
// off its spot's as it is, so that a thousand sightings prove no more than some seconds of them (shadowing changes with
// the way, not with time: Gudmundson, Electronics Letters 27(23), 1991). While the levels of a visit show no movement,
// h and w shrink to nothing within half a minute. Without it an hour at a place that no spot fits proves anything.
//
// Once a visit has begun, the strength is the one believed inside, and is learnt on; or who stands at a place that no
// spot fits would in the end be a loud phone in the street.
//
// That two scanners differ says more than how loud each is, as the difference has no o in it. A scanner that hears
// nobody at all misses less surely: it pauses or is dead, or nobody is near.
//
// Pure and of one thread. A sighting costs (spots * touching spots + spots) * strengths, whoever else is in the shop.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/presence/calibration.hpp"
#include "core/presence/track.hpp"

namespace beacon_gateway {

struct Sighting {
  ScannerIndex scanner = 0;
  double dbm = 0;  // the scanner's offset added
  Instant at;
  std::optional<Instant> heard_before;  // the newest before this one at the same scanner
};

// By scanner: the sender's level there, and when anything at all was last heard.
struct Scanners {
  std::span<const std::optional<ScannerLevel>> levels;
  std::span<const std::optional<MonotonicTime>> heard_anything;
};

// A belief in short.
struct Where {
  double inside = 0;         // 0..1: that the shopper is in any zone
  ZoneIndex zone = 0;        // the likeliest one
  double in_zone = 0;        // that she is there
  double in_asked_zone = 0;  // that she is in the one that was asked about
};

class BeliefFilter {
 public:
  // The shop has a calibration.
  explicit BeliefFilter(const Shop& shop);

  // Moves a belief forward to a sighting and takes it in. One that is empty, or was made with another calibration,
  // begins anew: in the street, or in `last_known`.
  void observe(Belief& belief, const Sighting& sighting, const Scanners& scanners,
               std::optional<ZoneIndex> last_known) const;

  // A visit begins: the strength that is believed inside is from now on believed in the street, too.
  void settle_strength(Belief& belief) const;

  [[nodiscard]] Where where(const Belief& belief, std::optional<ZoneIndex> asked) const;

 private:
  struct Step {
    std::size_t from = 0;
    std::size_t to = 0;
    float per_second = 0;
  };

  void begin(Belief& belief, std::optional<ZoneIndex> zone, const Instant& at) const;
  static void note_stillness(Belief& belief, const Sighting& sighting, const Scanners& scanners, bool visiting);
  void move(Belief& belief, double by_s) const;
  void turn(Belief& belief, double seconds) const;
  void weigh_silence(Belief& belief, const Sighting& sighting, const Scanners& scanners, double since_last_s) const;
  void weigh(Belief& belief, const Sighting& sighting) const;
  void add_steps(const Shop& shop);

  std::vector<Spot> spots_;  // the street's first, then zone by zone
  double weight_ = 1;        // of a sighting, by how many scanners there are
  std::vector<Step> steps_;
  std::uint32_t calibration_ = 0;  // a number that another calibration hardly has
};

}  // namespace beacon_gateway
