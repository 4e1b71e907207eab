#include "core/presence/two_places.hpp"

#include <algorithm>

namespace beacon_gateway {
namespace {

// Nobody crosses a zone in so short a time; a beacon sends several times in it.
constexpr Duration kAtOnce = std::chrono::seconds{2};

bool touch(const Shop& shop, ZoneIndex one, ZoneIndex other) {
  const auto leads_to = [&](ZoneIndex from, ZoneIndex to) {
    const std::vector<ZoneIndex>& next = shop.zones[from].next_to;
    return next.empty() || std::ranges::find(next, to) != next.end();
  };
  return one == other || leads_to(one, other) || leads_to(other, one);
}

bool strong(const Track& track, const Shop& shop, ScannerIndex scanner, const Instant& now) {
  if (scanner >= track.levels.size() || !track.levels[scanner]) return false;
  const ScannerLevel& level = *track.levels[scanner];
  return now.monotonic - level.heard.monotonic <= kAtOnce &&
         level.mean_dbm >= shop.zones[shop.scanners[scanner].zone].enter_dbm;
}

}  // namespace

bool in_two_places(const Track& track, const Shop& shop, ScannerIndex scanner, const Instant& now) {
  if (!strong(track, shop, scanner, now)) return false;
  for (std::size_t other = 0; other < shop.scanners.size(); ++other)
    if (!touch(shop, shop.scanners[scanner].zone, shop.scanners[other].zone) &&
        strong(track, shop, static_cast<ScannerIndex>(other), now))
      return true;
  return false;
}

}  // namespace beacon_gateway
