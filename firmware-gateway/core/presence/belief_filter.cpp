#include "core/presence/belief_filter.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>

namespace beacon_gateway {
namespace {

// Phones and ways of carrying them differ by some 6 dB (standard deviation) from the technician's tag.
constexpr int kStrengths = 11;
constexpr double kStrengthStepDb = 3;
constexpr double kStrengthDeviationDb = 6;

// Of one sighting around its spot's level: the spread within a spot, of bodies that turn and of three channels.
constexpr double kDeviationDb = 3.5;
// One sighting in seventy follows no model (a reflection, a hand over the antenna): it is as likely at any level.
constexpr double kOutliers = 0.015;
constexpr double kLevelsDb = 60;
// What is said within so much time is said again: fading and bodies change about once a second.
constexpr double kNewsSeconds = 1.0;
constexpr double kLeastNews = 0.15;
// Up to four scanners, as on the measured walks, tell each its own; what more of them tell is in part the same, as one
// body and one place that lies between two spots put them all off: n count as 4 * (n / 4)^0.3. With each in full, three
// times as many simulated passers-by were announced; with n as 4, visits began a second later at the slowest.
constexpr std::size_t kTellTheirOwn = 4;
constexpr double kTellTheSame = 0.7;

// Chances per second. People change the spot within a zone every two seconds or so, the zone every ten, the shop for
// the street every quarter of a minute; who is before a door goes in every ten seconds on average.
constexpr double kChangeSpot = 0.4;
constexpr double kChangeZone = 0.1;
constexpr double kLeave = 0.06;
constexpr double kEnter = 0.1;
// Before a visit: a passer-by turns her back to the shop or puts the phone elsewhere, each minute and a half or so.
// With more of it the level itself would say nothing of the place, and who walks in would be believed later.
constexpr double kTurn = 0.01;
// A few metres change the levels of all scanners together by about so much: a step to a spot that sounds another way
// is rarer by e for each.
constexpr double kAlikeDb = 15;
// Who is heard first is outside, but for a restart in the midst of things and for phones that wake up late.
constexpr double kBeginsInside = 0.02;

// Scanners that hear one advertisement do so within this.
constexpr double kSameAdvertisementSeconds = 0.02;
// The interval between advertisements is learnt over some ten of them, up to the longest (Core 5.4, Vol 6 Part B,
// 4.4.2.2: 10.24 s).
constexpr double kLearnInterval = 0.1;
constexpr double kLongestIntervalSeconds = 10.24;
// A scanner has missed the sender if it did not hear three advertisements, but not sooner than a body turns.
constexpr double kMissed = 3;
constexpr double kLeastMissedSeconds = 1.5;
constexpr double kMissedNewsSeconds = 2;
// Phones of strangers send several times a second. A scanner without any for so long is deaf, or nobody is near it, as
// in the back of a shop that has just opened: what it misses then counts for a third. With nothing, whoever was faint
// at the door could as well be at the back: of 630 simulated passers-by ten were announced for five. Counted in full, a
// dead scanner's zone is left too easily: with one of three dead on the measured walks zones were right 0.76 to 0.88 of
// the time for 0.84 to 0.91 (and 0.85 to 0.91 with nothing).
constexpr double kDeafAfterSeconds = 8;
constexpr double kPerhapsDeaf = 0.3;
// Half of the packets get through at the sensitivity that data sheets of such radios name; of the loudest one in three
// is lost to collisions and to a scanner that is on another channel.
constexpr double kSensitivityDbm = -94;
constexpr double kSensitivitySlopeDb = 2;
constexpr double kReliable = 0.7;
// Where the technician's tag was hardly heard, its true level lies somewhere below.
constexpr double kHardlyHeardDbm = -97;
constexpr double kFainterDb = 8;

// Levels that walk move by this between their fast and their settled means; fading moves the fast ones by half of it.
constexpr double kMovesDb = 4;
// A scanner that heard nothing for so long says nothing of movement.
constexpr double kLatelySeconds = 5;
// What somebody who stands still tells is told within so much time.
constexpr double kToldSeconds = 15;

// The forward step is taken in parts of at most a second, and silence beyond ten adds nothing that would be known.
constexpr double kLongestPartSeconds = 1;
constexpr double kLongestMoveSeconds = 10;
// No spot dies for good: so much remains of each.
constexpr float kLeastShare = 1e-12F;

double strength(int index) {
  constexpr int kMiddle = kStrengths / 2;
  return (index - kMiddle) * kStrengthStepDb;
}

const std::array<double, kStrengths>& strength_prior() {
  static const auto prior = [] {
    std::array<double, kStrengths> result{};
    double sum = 0;
    for (int i = 0; i < kStrengths; ++i) {
      const double z = strength(i) / kStrengthDeviationDb;
      sum += result[static_cast<std::size_t>(i)] = std::exp(-z * z / 2);
    }
    for (double& one : result) one /= sum;
    return result;
  }();
  return prior;
}

// The logarithm of the density of a level that is `off` dB from what the spot leads to expect: looked up in steps of a
// quarter of a dB, as a sighting asks for it for each spot and strength.
float log_likelihood(double off) {
  constexpr int kStepsPerDb = 4;
  constexpr int kFarthestDb = 80;  // beyond, only the outliers are left
  constexpr int kEnd = kFarthestDb * kStepsPerDb;
  static const auto table = [] {
    std::array<float, 2 * kEnd + 1> result{};
    int step = -kEnd;
    for (float& one : result) {
      const double z = step++ / (kStepsPerDb * kDeviationDb);
      const double normal = std::exp(-z * z / 2) / (kDeviationDb * std::sqrt(2 * std::numbers::pi));
      one = static_cast<float>(std::log((1 - kOutliers) * normal + kOutliers / kLevelsDb));
    }
    return result;
  }();
  const long step = std::clamp(std::lround(off * kStepsPerDb), -long{kEnd}, long{kEnd});
  return table[static_cast<std::size_t>(step + kEnd)];
}

// How likely a scanner that would hear the sender at this level is to miss it.
float missed(double expected_dbm, double weight) {
  const double heard = 1 / (1 + std::exp(-(expected_dbm - kSensitivityDbm) / kSensitivitySlopeDb));
  return static_cast<float>(std::pow(1 - kReliable * heard, weight));
}

double seconds_between(const Instant& from, const Instant& to) {
  return std::chrono::duration<double>(to.monotonic - from.monotonic).count();
}

bool hears(const std::optional<MonotonicTime>& anything, const Instant& at) {
  return anything && std::chrono::duration<double>(at.monotonic - *anything).count() <= kDeafAfterSeconds;
}

// Between the levels of two spots, over all scanners.
double difference_db(const Spot& one, const Spot& other) {
  double squares = 0;
  for (std::size_t i = 0; i < one.levels_dbm.size(); ++i)
    squares += std::pow(one.levels_dbm[i] - other.levels_dbm[i], 2);
  return std::sqrt(squares);
}

// FNV-1a (Fowler, Noll and Vo) over places and levels.
std::uint32_t number_of(const std::vector<Spot>& spots) {
  std::uint32_t hash = 0x811C9DC5;
  const auto add = [&](std::uint64_t word) {
    for (unsigned shift = 0; shift < 64; shift += 8)
      hash = (hash ^ static_cast<std::uint8_t>(word >> shift)) * 0x01000193U;
  };
  for (const Spot& spot : spots) {
    add(spot.zone ? std::uint64_t{*spot.zone} + 1 : 0);
    for (const double level : spot.levels_dbm) add(std::bit_cast<std::uint64_t>(level));
  }
  return hash;
}

// 1: moving, or just stopped; towards 0: standing still, and nothing new is told.
double unrest(const Belief& belief) {
  return std::exp(-belief.still_s / kToldSeconds);
}

double weight_of_each(const Shop& shop) {
  const std::size_t scanners = std::max(shop.scanners.size(), kTellTheirOwn);
  return std::pow(static_cast<double>(kTellTheirOwn) / static_cast<double>(scanners), kTellTheSame);
}

// Nothing: one cannot step from the one place into the other.
std::optional<double> chance_of_step(const Shop& shop, std::optional<ZoneIndex> from, std::optional<ZoneIndex> to) {
  if (from == to) return kChangeSpot;
  if (!from) return shop.zones[*to].entrance ? std::optional{kEnter} : std::nullopt;
  if (!to) return shop.zones[*from].entrance ? std::optional{kLeave} : std::nullopt;
  const auto leads_to = [&](ZoneIndex one, ZoneIndex other) {
    const std::vector<ZoneIndex>& next = shop.zones[one].next_to;
    return next.empty() || std::ranges::find(next, other) != next.end();
  };
  return leads_to(*from, *to) || leads_to(*to, *from) ? std::optional{kChangeZone} : std::nullopt;
}

}  // namespace

BeliefFilter::BeliefFilter(const Shop& shop) : spots_(shop.calibration->spots), weight_(weight_of_each(shop)) {
  assert(spots_.size() <= kMostSpots);
  std::ranges::stable_sort(spots_, {}, &Spot::zone);
  add_steps(shop);
  calibration_ = number_of(spots_);
}

// From a spot to each of a place it leads to, shared among them by how alike they sound; and the less the spot itself
// lies at the border between the two places, the rarer.
void BeliefFilter::add_steps(const Shop& shop) {
  const auto alike = [&](std::size_t one, std::size_t other) {
    return std::exp(-difference_db(spots_[one], spots_[other]) / kAlikeDb);
  };
  for (std::size_t from = 0; from < spots_.size(); ++from)
    for (std::size_t to = 0; to < spots_.size(); ++to) {
      const auto chance = chance_of_step(shop, spots_[from].zone, spots_[to].zone);
      if (from == to || !chance) continue;
      double all = 0;
      double nearest = 0;
      double nearest_of_place = 0;
      for (std::size_t target = 0; target < spots_.size(); ++target) {
        if (spots_[target].zone != spots_[to].zone) continue;
        for (std::size_t source = 0; source < spots_.size(); ++source)
          if (source != target && spots_[source].zone == spots_[from].zone)
            nearest_of_place = std::max(nearest_of_place, alike(source, target));
        if (target == from) continue;
        all += alike(from, target);
        nearest = std::max(nearest, alike(from, target));
      }
      steps_.push_back({from, to, static_cast<float>(*chance * nearest / nearest_of_place * alike(from, to) / all)});
    }
}

void BeliefFilter::observe(Belief& belief, const Sighting& sighting, const Scanners& scanners,
                           std::optional<ZoneIndex> last_known) const {
  if (belief.calibration != calibration_ || belief.shares.size() != spots_.size() * kStrengths) {
    begin(belief, last_known, sighting.at);
  } else if (const double since_last_s = seconds_between(belief.at, sighting.at); since_last_s > 0) {
    note_stillness(belief, sighting, scanners, last_known.has_value());
    move(belief, since_last_s * unrest(belief));
    if (!last_known) turn(belief, since_last_s);
    if (since_last_s > kSameAdvertisementSeconds) weigh_silence(belief, sighting, scanners, since_last_s);
  }
  weigh(belief, sighting);
  belief.at = sighting.at;
}

void BeliefFilter::begin(Belief& belief, std::optional<ZoneIndex> zone, const Instant& at) const {
  const auto there = static_cast<double>(std::ranges::count(spots_, zone, &Spot::zone));
  const double elsewhere = static_cast<double>(spots_.size()) - there;
  belief.shares.clear();
  for (const Spot& spot : spots_) {
    const double share = spot.zone == zone ? (1 - kBeginsInside) / there : kBeginsInside / elsewhere;
    for (const double strength : strength_prior()) belief.shares.push_back(static_cast<float>(share * strength));
  }
  belief.calibration = calibration_;
  belief.since = belief.at = at;
  belief.interval_s = 0;
  belief.still_s = 0;
}

void BeliefFilter::note_stillness(Belief& belief, const Sighting& sighting, const Scanners& scanners, bool visiting) {
  const auto moves = [&](const std::optional<ScannerLevel>& level) {
    return level && seconds_between(level->heard, sighting.at) < kLatelySeconds &&
           std::abs(level->mean_dbm - level->settled_dbm) > kMovesDb;
  };
  const double since_last_s = seconds_between(belief.at, sighting.at);
  const bool still = visiting && since_last_s <= kLongestMoveSeconds && std::ranges::none_of(scanners.levels, moves);
  belief.still_s = still ? belief.still_s + static_cast<float>(since_last_s) : 0;
}

void BeliefFilter::move(Belief& belief, double by_s) const {
  const double seconds = std::min(by_s, kLongestMoveSeconds);
  const int parts = std::max(static_cast<int>(std::ceil(seconds / kLongestPartSeconds)), 1);
  const auto part = static_cast<float>(seconds / parts);
  std::array<float, kMostSpots * kStrengths> before;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  for (int i = 0; i < parts; ++i) {
    std::ranges::copy(belief.shares, before.begin());
    for (const Step& step : steps_) {
      const float* const source = before.data() + step.from * kStrengths;
      float* const from = belief.shares.data() + step.from * kStrengths;
      float* const to = belief.shares.data() + step.to * kStrengths;
      for (std::size_t o = 0; o < kStrengths; ++o) {
        const float moved = step.per_second * part * source[o];
        from[o] -= moved;
        to[o] += moved;
      }
    }
  }
}

// Anew drawn from the prior, whatever the strength was.
void BeliefFilter::turn(Belief& belief, double seconds) const {
  const auto turned = static_cast<float>(1 - std::exp(-kTurn * seconds));
  for (std::size_t spot = 0; spot < spots_.size(); ++spot) {
    const std::span<float> strengths{belief.shares.data() + spot * kStrengths, kStrengths};
    const float there = std::accumulate(strengths.begin(), strengths.end(), 0.0F);
    for (std::size_t o = 0; o < kStrengths; ++o)
      strengths[o] += turned * (there * static_cast<float>(strength_prior()[o]) - strengths[o]);
  }
}

// What each scanner has missed of the sender.
void BeliefFilter::weigh_silence(Belief& belief, const Sighting& sighting, const Scanners& scanners,
                                 double since_last_s) const {
  const auto learnt = static_cast<float>(std::min(since_last_s, kLongestIntervalSeconds));
  belief.interval_s +=
      belief.interval_s == 0 ? learnt : static_cast<float>(kLearnInterval) * (learnt - belief.interval_s);
  const double missed_after_s = std::max(kLeastMissedSeconds, kMissed * static_cast<double>(belief.interval_s));
  const double weight = std::min(since_last_s / kMissedNewsSeconds, 1.0) * unrest(belief);
  for (std::size_t scanner = 0; scanner < scanners.levels.size(); ++scanner) {
    if (scanner == sighting.scanner) continue;
    const auto& level = scanners.levels[scanner];
    double silent_s = seconds_between(belief.since, sighting.at);
    if (level) silent_s = std::min(silent_s, seconds_between(level->heard, sighting.at));
    if (silent_s < missed_after_s) continue;
    const double counts = weight * (hears(scanners.heard_anything[scanner], sighting.at) ? 1 : kPerhapsDeaf);
    float* share = belief.shares.data();
    for (const Spot& spot : spots_) {
      const double dbm = spot.levels_dbm[scanner];
      const double expected = dbm < kHardlyHeardDbm ? dbm - kFainterDb : dbm;
      for (int o = 0; o < kStrengths; ++o, ++share) *share *= missed(expected + strength(o), counts);
    }
  }
}

void BeliefFilter::weigh(Belief& belief, const Sighting& sighting) const {
  double news = 1;
  if (sighting.heard_before) {
    const std::chrono::duration<double> since = sighting.at.monotonic - sighting.heard_before->monotonic;
    news = std::min(kLeastNews + since.count() / kNewsSeconds, 1.0);
  }
  const auto weight = static_cast<float>(news * weight_ * unrest(belief));
  float sum = 0;
  float* share = belief.shares.data();
  for (const Spot& spot : spots_)
    for (int o = 0; o < kStrengths; ++o, ++share) {
      const double expected = std::max(spot.levels_dbm[sighting.scanner] + strength(o), kUnheardDbm);
      *share *= std::exp(weight * log_likelihood(sighting.dbm - expected));
      sum += *share;
    }
  for (float& one : belief.shares) one = one / sum + kLeastShare;
}

void BeliefFilter::settle_strength(Belief& belief) const {
  std::array<float, kStrengths> inside{};
  float all = 0;
  for (std::size_t spot = 0; spot < spots_.size(); ++spot)
    for (std::size_t o = 0; spots_[spot].zone && o < kStrengths; ++o) {
      inside[o] += belief.shares[spot * kStrengths + o];
      all += belief.shares[spot * kStrengths + o];
    }
  for (std::size_t spot = 0; spot < spots_.size() && !spots_[spot].zone; ++spot) {
    const std::span<float> strengths{belief.shares.data() + spot * kStrengths, kStrengths};
    const float there = std::accumulate(strengths.begin(), strengths.end(), 0.0F);
    for (std::size_t o = 0; o < kStrengths; ++o) strengths[o] = there * inside[o] / all + kLeastShare;
  }
}

Where BeliefFilter::where(const Belief& belief, std::optional<ZoneIndex> asked) const {
  Where result;
  double all = 0;
  double here = 0;
  for (std::size_t i = 0; i < spots_.size(); ++i) {
    const auto zone = spots_[i].zone;
    if (i == 0 || zone != spots_[i - 1].zone) here = 0;
    double spot = 0;
    for (std::size_t o = 0; o < kStrengths; ++o) spot += belief.shares[i * kStrengths + o];
    all += spot;
    if (!zone) continue;
    here += spot;
    result.inside += spot;
    if (here > result.in_zone) {
      result.in_zone = here;
      result.zone = *zone;
    }
    if (zone == asked) result.in_asked_zone = here;
  }
  result.inside /= all;
  result.in_zone /= all;
  result.in_asked_zone /= all;
  return result;
}

}  // namespace beacon_gateway
