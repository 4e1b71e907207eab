#include "core/presence/fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace beacon_gateway {
namespace {

// So long somebody who walks slowly is at about one spot, and a tag is heard a few times.
constexpr Duration kWindow = std::chrono::seconds{2};
// Of a place: ten seconds of sound.
constexpr int kFewestWindows = 5;
// A scanner that hears less than half of what the best one hears in a window is at the edge of what it can hear: its
// level is pulled down in proportion, as only the louder packets got through.
constexpr double kHeardWell = 0.5;
// A zone of a room's size sounds like some four spots: its corners, its middle, and beside the scanner. Told apart
// finer, the filter follows the noise of one walk; spots as near as 5 dB are one.
constexpr std::size_t kMostSpots = 4;
constexpr std::size_t kMostStreetSpots = 4;
constexpr double kSameSpot_db = 5;
// Moments of a walk that are nearer in time than this are of one spot and prove nothing about each other.
constexpr Duration kApart = std::chrono::seconds{10};

struct Window {
  std::optional<ZoneIndex> zone;
  Instant from;
  std::vector<double> sums;
  std::vector<int> counts;
};

std::vector<double> levels_of(const Window& window) {
  const int most = *std::ranges::max_element(window.counts);
  std::vector<double> levels;
  for (std::size_t i = 0; i < window.counts.size(); ++i) {
    const double heard = std::min(window.counts[i] / (kHeardWell * most), 1.0);
    const double mean = window.counts[i] > 0 ? window.sums[i] / window.counts[i] : kUnheard_dbm;
    levels.push_back(heard * mean + (1 - heard) * kUnheard_dbm);
  }
  return levels;
}

struct Moment {
  std::optional<ZoneIndex> zone;
  Instant from;
  std::vector<double> levels_dbm;
};

std::vector<Moment> moments_of(const Shop& shop, std::span<const WalkSighting> walk) {
  std::vector<Window> windows;
  for (const WalkSighting& one : walk) {
    if (windows.empty() || windows.back().zone != one.zone ||
        one.at.monotonic - windows.back().from.monotonic >= kWindow)
      windows.push_back(
          {one.zone, one.at, std::vector<double>(shop.scanners.size()), std::vector<int>(shop.scanners.size())});
    windows.back().sums[one.scanner] += one.rssi_dbm + shop.scanners[one.scanner].offset_db;
    ++windows.back().counts[one.scanner];
  }
  std::vector<Moment> moments;
  for (const Window& window : windows) moments.push_back({window.zone, window.from, levels_of(window)});
  return moments;
}

double distance_db(const std::vector<double>& one, const std::vector<double>& other) {
  double squares = 0;
  for (std::size_t i = 0; i < one.size(); ++i) squares += std::pow(one[i] - other[i], 2);
  return std::sqrt(squares);
}

struct Cluster {
  std::vector<double> levels_dbm;
  int size = 1;
};

// Agglomerative clustering by Ward's criterion (Ward, "Hierarchical grouping to optimize an objective function", 1963).
std::vector<Cluster> cluster(std::vector<Cluster> clusters, std::size_t most) {
  while (clusters.size() > 1) {
    std::size_t one = 0;
    std::size_t other = 0;
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < clusters.size(); ++i)
      for (std::size_t j = i + 1; j < clusters.size(); ++j) {
        const double sizes = 2.0 * clusters[i].size * clusters[j].size / (clusters[i].size + clusters[j].size);
        const double cost = distance_db(clusters[i].levels_dbm, clusters[j].levels_dbm) * std::sqrt(sizes);
        if (cost < nearest) {
          nearest = cost;
          one = i;
          other = j;
        }
      }
    if (clusters.size() <= most && nearest > kSameSpot_db) break;
    Cluster& kept = clusters[one];
    const Cluster& gone = clusters[other];
    const int size = kept.size + gone.size;
    for (std::size_t i = 0; i < kept.levels_dbm.size(); ++i)
      kept.levels_dbm[i] = (kept.levels_dbm[i] * kept.size + gone.levels_dbm[i] * gone.size) / size;
    kept.size = size;
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(other));
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

}  // namespace

Fit fit_calibration(const Shop& shop, std::span<const WalkSighting> walk) {
  const std::vector<Moment> moments = moments_of(shop, walk);
  std::vector<std::optional<ZoneIndex>> places{std::nullopt};
  for (std::size_t zone = 0; zone < shop.zones.size(); ++zone) places.emplace_back(static_cast<ZoneIndex>(zone));
  Fit fit;
  for (const std::optional<ZoneIndex> place : places) {
    std::vector<Cluster> clusters;
    for (const Moment& moment : moments)
      if (moment.zone == place) clusters.push_back({moment.levels_dbm, 1});
    const auto windows = static_cast<int>(clusters.size());
    fit.windows_by_place.push_back(windows);
    if (windows < kFewestWindows) fit.missing.push_back({place, windows, kFewestWindows});
    for (Cluster& one : cluster(std::move(clusters), place ? kMostSpots : kMostStreetSpots))
      fit.calibration.spots.push_back({place, std::move(one.levels_dbm)});
  }
  fit.separations = separations(shop, moments);
  return fit;
}

}  // namespace beacon_gateway
