#include "core/journey/decide.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "core/digest.hpp"

namespace beacon_gateway {
namespace {

constexpr std::array<std::string_view, kSuppressionCount> kSuppressionNames{
    "no_consent",     "paused",  "two_places",   "other_gateway", "clock_untrusted", "outside_schedule",
    "assurance",      "segment", "store_closed", "quiet_hours",   "frequency_cap",   "cooldown",
    "lower_priority", "holdout", "expired",      "evicted"};

constexpr std::uint64_t kPercent = 100;

bool is_due(const Campaign& campaign, const Occasion& occasion) {
  if (!campaign.enabled || campaign.on != occasion.moment) return false;
  if (!campaign.zones.empty() &&
      (!occasion.zone || std::ranges::find(campaign.zones, *occasion.zone) == campaign.zones.end()))
    return false;
  return campaign.on != CampaignMoment::zone_dwelled ||
         (occasion.dwell_from < campaign.dwell && campaign.dwell <= occasion.dwell_to);
}

bool has(const std::vector<std::string>& segments, const std::string& one) {
  return std::ranges::find(segments, one) != segments.end();
}

bool in_segments(const Campaign& campaign, const Profile& profile) {
  const auto held = [&](const std::string& segment) { return has(profile.segments, segment); };
  return (campaign.segments_any.empty() || std::ranges::any_of(campaign.segments_any, held)) &&
         std::ranges::all_of(campaign.segments_all, held) && std::ranges::none_of(campaign.segments_none, held);
}

bool interrupts(CampaignKind kind) {
  return kind == CampaignKind::promotion || kind == CampaignKind::survey;
}

bool asks_for_time(const JourneyRules& rules, const Campaign& campaign) {
  return campaign.starts || campaign.ends || campaign.between || campaign.days != every_day() ||
         rules.opening_hours.configured || (rules.quiet_hours && interrupts(campaign.kind));
}

bool in_schedule(const Campaign& campaign, WallTime now, const LocalTime& local) {
  if (campaign.starts && now < *campaign.starts) return false;
  if (campaign.ends && now >= *campaign.ends) return false;
  if (!campaign.between) return campaign.days.test(local.weekday().iso_encoding() - 1);
  const auto began = span_start(*campaign.between, local);
  return began && campaign.days.test(std::chrono::weekday{*began}.iso_encoding() - 1);
}

// One decision's view of the past and of the moment.
struct Question {
  const JourneyRules& rules;
  const Profile& profile;
  const Occasion& occasion;
  const LocalTime& local;
  const std::vector<CapRecord>& history;
  std::size_t before;  // how much of the history is older than this moment
};

// What a shopper has had: what all campaigns share.
struct Had {
  int today = 0;
  bool welcome = false;  // in this visit, whichever campaign gave it
};

std::optional<Suppression> capped(const Question& question, const Campaign& campaign) {
  const bool is_welcome = campaign.kind == CampaignKind::welcome;
  const int per_visit = is_welcome ? std::min(campaign.cap.per_visit, 1) : campaign.cap.per_visit;
  int in_visit = 0;
  int in_day = 0;
  std::optional<WallTime> newest;
  Had before;
  Had now;  // with what this very moment has given
  for (std::size_t i = 0; i < question.history.size(); ++i) {
    const CapRecord& record = question.history[i];
    const bool same_visit = record.visit_id == question.occasion.visit_id;
    const bool same_day = record.date == question.local.date;
    if (record.campaign == campaign.id) {
      in_visit += same_visit;
      in_day += same_day;
      newest = std::max(newest.value_or(record.at), record.at);
    }
    if (record.holdout) continue;
    now.today += same_day;
    now.welcome |= same_visit && record.kind == CampaignKind::welcome;
    if (i < question.before) before = now;
  }
  const auto has_enough = [&](const Had& had) {
    return had.today >= question.rules.daily_cap_per_shopper || (is_welcome && had.welcome);
  };
  if (in_visit >= per_visit || (campaign.cap.per_day && in_day >= *campaign.cap.per_day) || has_enough(before))
    return Suppression::frequency_cap;
  if (campaign.cap.cooldown && newest && question.occasion.at.wall < *newest + *campaign.cap.cooldown)
    return Suppression::cooldown;
  if (has_enough(now)) return Suppression::lower_priority;
  return std::nullopt;
}

bool held_out(const Question& question, const Campaign& campaign) {
  const std::uint64_t lot =
      digest_number({"holdout", question.rules.holdout_salt, campaign.id, question.profile.shopper_id.value()});
  return lot % kPercent < static_cast<std::uint64_t>(campaign.holdout_percent);
}

std::optional<Suppression> why_not(const Question& question, const Campaign& campaign) {
  const Occasion& occasion = question.occasion;
  if (!consents_to(question.profile, purpose_of(campaign.kind), occasion.at.wall)) return Suppression::no_consent;
  if (occasion.paused) return Suppression::paused;
  if (occasion.suspect) return Suppression::two_places;
  if (occasion.adopted && campaign.kind == CampaignKind::welcome) return Suppression::other_gateway;
  if (occasion.at.quality == TimeQuality::untrusted && asks_for_time(question.rules, campaign))
    return Suppression::clock_untrusted;
  if (!in_schedule(campaign, occasion.at.wall, question.local)) return Suppression::outside_schedule;
  if (occasion.assurance < campaign.min_assurance) return Suppression::assurance;
  if (!in_segments(campaign, question.profile)) return Suppression::segment;
  if (!is_open(question.rules.opening_hours, question.local)) return Suppression::store_closed;
  if (interrupts(campaign.kind) && question.rules.quiet_hours &&
      span_start(*question.rules.quiet_hours, question.local))
    return Suppression::quiet_hours;
  if (const auto cap = capped(question, campaign)) return cap;
  if (held_out(question, campaign)) return Suppression::holdout;
  return std::nullopt;
}

const Variant& draw_variant(const Campaign& campaign, const Profile& profile) {
  std::uint64_t total = 0;
  for (const Variant& variant : campaign.variants) total += static_cast<std::uint64_t>(variant.weight);
  assert(total > 0);
  std::uint64_t lot = digest_number({"variant", campaign.id, profile.shopper_id.value()}) % total;
  for (const Variant& variant : campaign.variants) {
    const auto weight = static_cast<std::uint64_t>(variant.weight);
    if (lot < weight) return variant;
    lot -= weight;
  }
  return campaign.variants.back();  // not reached: the weights add up to the total
}

Trigger make_trigger(const Question& question, const Campaign& campaign) {
  const Variant& variant = draw_variant(campaign, question.profile);
  Trigger trigger;
  trigger.variant = variant.id;
  trigger.language = language_of(variant, question.profile);
  trigger.message = compose(variant, question.rules, question.profile, trigger.language);
  trigger.recommendations = best_recommendations(question.profile, trigger.language);
  trigger.expires_at = question.occasion.at.wall + campaign.expires_after;
  trigger.date = question.local.date;
  for (const CapRecord& record : question.history) {
    if (record.campaign != campaign.id || record.holdout) continue;
    trigger.ordinal_of_day += record.date == question.local.date;
  }
  return trigger;
}

}  // namespace

std::string_view name(Suppression reason) noexcept {
  return kSuppressionNames[static_cast<std::size_t>(reason)];
}

bool any_due(const JourneyRules& rules, std::span<const Occasion> occasions) {
  return std::ranges::any_of(rules.campaigns, [&](const Campaign& campaign) {
    return std::ranges::any_of(occasions, [&](const Occasion& occasion) { return is_due(campaign, occasion); });
  });
}

std::vector<Decision> decide(const JourneyRules& rules, const Profile& profile, std::span<const Occasion> occasions,
                             std::vector<CapRecord>& history) {
  std::vector<Decision> decisions;
  const std::size_t before = history.size();
  for (const Campaign& campaign : rules.campaigns) {
    const auto occasion = std::ranges::find_if(occasions, [&](const Occasion& one) { return is_due(campaign, one); });
    if (occasion == occasions.end()) continue;
    const LocalTime local = local_time(rules.time_zone, occasion->at.wall);
    const Question question{rules, profile, *occasion, local, history, before};
    Decision decision{&campaign, occasion->zone, why_not(question, campaign), std::nullopt};
    if (!decision.suppressed) decision.trigger = make_trigger(question, campaign);
    if (!decision.suppressed || decision.suppressed == Suppression::holdout)
      history.push_back({campaign.id, campaign.kind, occasion->visit_id, occasion->at.wall, local.date,
                         decision.suppressed.has_value()});
    decisions.push_back(std::move(decision));
  }
  return decisions;
}

Duration longest_cap(const JourneyRules& rules) {
  // Two days hold every store-local calendar day, also the longest one when clocks go back, and any visit with it.
  Duration longest = std::chrono::hours{48};
  for (const Campaign& campaign : rules.campaigns)
    if (campaign.cap.cooldown) longest = std::max(longest, *campaign.cap.cooldown);
  return longest;
}

}  // namespace beacon_gateway
