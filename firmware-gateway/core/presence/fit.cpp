#include "core/presence/fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace beacon_gateway {
namespace {

// So long somebody who walks slowly is at about one spot, and a tag is heard a few times. Windows overlap, so that the
// spots do not depend on where the first one begins.
constexpr Duration kWindow = std::chrono::seconds{2};
constexpr Duration kWindowStep = std::chrono::milliseconds{500};
// Of a place: ten seconds of sound.
constexpr int kFewestWindows = 20;
// Three minutes of a place show it all; of a longer stay each second, third, ... window is taken, as clustering costs
// the cube of their number.
constexpr std::size_t kMostWindows = 400;
// A scanner that hears less than half of what the best one hears in a window is at the edge of what it can hear: its
// level is pulled down in proportion, as only the louder packets got through.
constexpr double kHeardWell = 0.5;
// A zone sounds like some nine spots, measured on walks of half a minute: fewer blur its borders, more follow the noise
// of one walk. Of a longer one a spot for each six seconds can be told: with 12 for 9 after a minute, simulated zones
// were right half a percent more of the time, with 18 no more. The street is longer than a zone: with 18 spots 1.8 % of
// simulated passers-by were announced, with 24 1.5 %, with 36 1.1 %.
// Spots as near as 3 dB are one. Levels below -94 dBm are noise to a comparison: there what gets through is chance.
constexpr std::size_t kWindowsOfSpot = 12;
constexpr std::size_t kFewestSpots = 9;
constexpr std::size_t kMostSpotsOfZone = 15;
constexpr double kSameSpotDb = 3;
constexpr double kFaintestDbm = -94;
// Moments of a walk that are nearer in time than this are of one spot and prove nothing about each other.
constexpr Duration kApart = std::chrono::seconds{10};

struct Window {
  std::vector<double> sums;
  std::vector<int> counts;
};

std::vector<double> levels_of(const Window& window) {
  const int most = *std::ranges::max_element(window.counts);
  std::vector<double> levels;
  for (std::size_t i = 0; i < window.counts.size(); ++i) {
    const double heard = std::min(window.counts[i] / (kHeardWell * most), 1.0);
    const double mean = window.counts[i] > 0 ? window.sums[i] / window.counts[i] : kUnheardDbm;
    levels.push_back(heard * mean + (1 - heard) * kUnheardDbm);
  }
  return levels;
}

struct Moment {
  std::optional<ZoneIndex> zone;
  Instant from;
  std::vector<double> levels_dbm;
};

// The windows of one uninterrupted stay in a place in which the tag was heard.
void add_moments(const Shop& shop, std::span<const WalkSighting> stay, std::vector<Moment>& moments) {
  auto begin = stay.begin();
  for (Instant from = stay.front().at; from.monotonic <= stay.back().at.monotonic; from = later(from, kWindowStep)) {
    while (begin->at.monotonic < from.monotonic) ++begin;
    Window window{std::vector<double>(shop.scanners.size()), std::vector<int>(shop.scanners.size())};
    for (auto one = begin; one != stay.end() && one->at.monotonic < from.monotonic + kWindow; ++one) {
      window.sums[one->scanner] += one->rssi_dbm + shop.scanners[one->scanner].offset_db;
      ++window.counts[one->scanner];
    }
    if (*std::ranges::max_element(window.counts) > 0) moments.push_back({stay.front().zone, from, levels_of(window)});
  }
}

std::vector<Moment> moments_of(const Shop& shop, std::span<const WalkSighting> walk) {
  std::vector<Moment> moments;
  for (std::size_t begin = 0; begin < walk.size();) {
    std::size_t end = begin;
    while (end < walk.size() && walk[end].zone == walk[begin].zone) ++end;
    add_moments(shop, walk.subspan(begin, end - begin), moments);
    begin = end;
  }
  return moments;
}

double distance_db(const std::vector<double>& one, const std::vector<double>& other) {
  double squares = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    squares += std::pow(std::max(one[i], kFaintestDbm) - std::max(other[i], kFaintestDbm), 2);
  return std::sqrt(squares);
}

struct Cluster {
  std::vector<double> levels_dbm;
  int size = 1;
};

void merge(std::vector<Cluster>& clusters, std::size_t one, std::size_t other) {
  Cluster& kept = clusters[one];
  const Cluster& gone = clusters[other];
  const int size = kept.size + gone.size;
  for (std::size_t i = 0; i < kept.levels_dbm.size(); ++i)
    kept.levels_dbm[i] = (kept.levels_dbm[i] * kept.size + gone.levels_dbm[i] * gone.size) / size;
  kept.size = size;
  clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(other));
}

// Agglomerative clustering by Ward's criterion (Ward, "Hierarchical grouping to optimize an objective function", 1963)
// down to `most`, then of whatever is the same spot.
std::vector<Cluster> cluster(std::vector<Cluster> clusters, std::size_t most) {
  while (clusters.size() > 1) {
    const bool too_many = clusters.size() > most;
    std::size_t one = 0;
    std::size_t other = 0;
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < clusters.size(); ++i)
      for (std::size_t j = i + 1; j < clusters.size(); ++j) {
        const double sizes = 2.0 * clusters[i].size * clusters[j].size / (clusters[i].size + clusters[j].size);
        const double distance = distance_db(clusters[i].levels_dbm, clusters[j].levels_dbm);
        const double cost = too_many ? distance * std::sqrt(sizes) : distance;
        if (cost < nearest) {
          nearest = cost;
          one = i;
          other = j;
        }
      }
    if (!too_many && nearest > kSameSpotDb) break;
    merge(clusters, one, other);
  }
  return clusters;
}

// The share of the moments of `place` whose likest moment, of either place and not of the same spot in time, is of it.
double told_apart(const std::vector<Moment>& moments, std::optional<ZoneIndex> place, std::optional<ZoneIndex> other) {
  int right = 0;
  int all = 0;
  for (const Moment& one : moments) {
    if (one.zone != place) continue;
    const Moment* likest = nullptr;
    for (const Moment& candidate : moments) {
      if ((candidate.zone != place && candidate.zone != other) ||
          std::chrono::abs(candidate.from.monotonic - one.from.monotonic) < kApart)
        continue;
      if (likest == nullptr ||
          distance_db(candidate.levels_dbm, one.levels_dbm) < distance_db(likest->levels_dbm, one.levels_dbm))
        likest = &candidate;
    }
    if (likest == nullptr) continue;
    ++all;
    right += likest->zone == place ? 1 : 0;
  }
  return all == 0 ? 0 : static_cast<double>(right) / all;
}

bool touch(const Shop& shop, ZoneIndex one, ZoneIndex other) {
  const auto leads_to = [&](ZoneIndex from, ZoneIndex to) {
    const std::vector<ZoneIndex>& next = shop.zones[from].next_to;
    return next.empty() || std::ranges::find(next, to) != next.end();
  };
  return leads_to(one, other) || leads_to(other, one);
}

std::vector<Separation> separations(const Shop& shop, const std::vector<Moment>& moments) {
  std::vector<Separation> result;
  const auto add = [&](std::optional<ZoneIndex> one, ZoneIndex other) {
    result.push_back({one, other, (told_apart(moments, one, other) + told_apart(moments, other, one)) / 2});
  };
  const auto zones = static_cast<ZoneIndex>(shop.zones.size());
  for (ZoneIndex zone = 0; zone < zones; ++zone)
    if (shop.zones[zone].entrance) add(std::nullopt, zone);
  for (ZoneIndex one = 0; one < zones; ++one)
    for (auto other = static_cast<ZoneIndex>(one + 1); other < zones; ++other)
      if (touch(shop, one, other)) add(one, other);
  return result;
}

std::size_t most_spots(const Shop& shop, std::optional<ZoneIndex> place, int windows) {
  if (!place) return kMostSpotsOfAPlace;
  const std::size_t told =
      std::clamp(static_cast<std::size_t>(windows) / kWindowsOfSpot, kFewestSpots, kMostSpotsOfZone);
  return std::min(told, (kMostSpots - kMostSpotsOfAPlace) / shop.zones.size());
}

}  // namespace

Fit fit_calibration(const Shop& shop, std::span<const WalkSighting> walk) {
  const std::vector<Moment> moments = moments_of(shop, walk);
  std::vector<std::optional<ZoneIndex>> places{std::nullopt};
  for (std::size_t zone = 0; zone < shop.zones.size(); ++zone) places.emplace_back(static_cast<ZoneIndex>(zone));
  Fit fit;
  for (const std::optional<ZoneIndex> place : places) {
    const auto windows = static_cast<int>(std::ranges::count(moments, place, &Moment::zone));
    const std::size_t every = static_cast<std::size_t>(windows) / kMostWindows + 1;
    std::vector<Cluster> clusters;
    std::size_t number = 0;
    for (const Moment& moment : moments)
      if (moment.zone == place && number++ % every == 0) clusters.push_back({moment.levels_dbm, 1});
    fit.windows_by_place.push_back(windows);
    if (windows < kFewestWindows) fit.missing.push_back({place, windows, kFewestWindows});
    for (Cluster& one : cluster(std::move(clusters), most_spots(shop, place, windows)))
      fit.calibration.spots.push_back({place, std::move(one.levels_dbm)});
  }
  fit.separations = separations(shop, moments);
  return fit;
}

}  // namespace beacon_gateway
