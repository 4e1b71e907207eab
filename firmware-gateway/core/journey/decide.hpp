// Campaigns meet a moment of a visit: for each campaign that is due, a trigger or one named reason why not.
// Pure: the history of caps comes in as a value and the caller stores what was decided, in one transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/journey/campaign.hpp"
#include "core/journey/message.hpp"
#include "core/profile.hpp"

namespace beacon_gateway {

// Why a campaign that was due made no trigger, in the order in which they are asked; the first that holds is told.
enum class Suppression : std::uint8_t {
  no_consent,        // to the purpose of this kind of campaign
  paused,            // the gateway decides nothing (stock-taking)
  two_places,        // the identity was heard in two places at once: it may have been copied
  other_gateway,     // of the shop started the visit: the welcome was its to give
  clock_untrusted,   // the campaign, quiet hours or opening hours ask for a time that nobody knows
  outside_schedule,  // starts, ends, days, between
  assurance,         // the identity can be copied and the campaign wants one that cannot
  segment,
  store_closed,
  quiet_hours,
  frequency_cap,  // per_visit, per_day, one welcome a visit, daily_cap_per_shopper
  cooldown,
  lower_priority,  // the shopper's last place of the day went to a campaign before it at this very moment
  holdout,         // control group
  expired,         // later: not delivered in time
  evicted,         // later: the outbox was full
};
inline constexpr std::size_t kSuppressionCount = 16;
[[nodiscard]] std::string_view name(Suppression reason) noexcept;

// A trigger of the past that caps count. A holdout counts for the campaign's own caps, so that the control group meets
// the same rules, but not for those of the shopper, who got nothing.
struct CapRecord {
  std::string campaign;
  CampaignKind kind = CampaignKind::welcome;
  std::string visit_id;
  WallTime at{};
  std::chrono::local_days date{};  // store-local
  bool holdout = false;
};

// The moment of a visit that campaigns wait for.
struct Occasion {
  CampaignMoment moment = CampaignMoment::visit_started;
  std::optional<ZoneIndex> zone;
  Duration dwell_from{};  // for zone_dwelled: the stay grew from here (excluded)
  Duration dwell_to{};    // to here (included)
  Instant at;
  std::string visit_id;
  Assurance assurance = Assurance::fixed;
  bool paused = false;
  bool suspect = false;  // see Suppression::two_places
  bool adopted = false;  // see Suppression::other_gateway
};

struct Trigger {
  std::string variant;
  std::string language;
  Message message;
  std::vector<RecommendedItem> recommendations;
  WallTime expires_at{};
  int ordinal_of_day = 0;  // of this campaign for this shopper, store-local
  std::chrono::local_days date{};
};

struct Decision {
  const Campaign* campaign = nullptr;  // of the rules that were asked
  std::optional<ZoneIndex> zone;       // of the occasion
  std::optional<Suppression> suppressed;
  std::optional<Trigger> trigger;  // exactly one of the two
};

// True if any campaign waits for one of these moments: cheap, and false for almost every sighting.
[[nodiscard]] bool any_due(const JourneyRules& rules, std::span<const Occasion> occasions);

// Decides for every campaign that is due at one of the `occasions`, which are of one visit at one instant: by priority,
// then id. Triggers and holdouts are appended to `history`, the shopper's cap records, so that later decisions of this
// moment see them.
[[nodiscard]] std::vector<Decision> decide(const JourneyRules& rules, const Profile& profile,
                                           std::span<const Occasion> occasions, std::vector<CapRecord>& history);

// How long a cap record can still count: what is older may be forgotten.
[[nodiscard]] Duration longest_cap(const JourneyRules& rules);

}  // namespace beacon_gateway
