// [[campaign]], [campaign.cap]
#include <algorithm>

#include "settings/tables.hpp"
#include "settings/values.hpp"

namespace beacon_gateway {
namespace {

using namespace std::chrono_literals;

constexpr Range<Duration> kDwell{1s, 24h};
constexpr Range<Duration> kExpiresAfter{1s, 72h};  // the outbox keeps nothing longer
constexpr Range<Duration> kCooldown{1s, 365 * 24h};
constexpr Range<int> kPriority{-1000, 1000};
constexpr Range<int> kPercent{0, 100};
constexpr Range<int> kPerVisit{1, 100};
constexpr Range<int> kPerDay{1, 100};

// A welcome after two minutes is no welcome; the rest may wait for a phone to come out of the pocket.
constexpr Duration kWelcomeExpiresAfter = 2min;
constexpr Duration kOtherExpiresAfter = 10min;

constexpr Word<CampaignKind> kKinds[] = {{"welcome", CampaignKind::welcome},
                                         {"promotion", CampaignKind::promotion},
                                         {"survey", CampaignKind::survey},
                                         {"assist", CampaignKind::assist}};
constexpr Word<CampaignMoment> kMoments[] = {{"visit.started", CampaignMoment::visit_started},
                                             {"zone.entered", CampaignMoment::zone_entered},
                                             {"zone.dwelled", CampaignMoment::zone_dwelled},
                                             {"visit.ended", CampaignMoment::visit_ended}};
constexpr Word<Assurance> kAssurances[] = {{"static", Assurance::fixed}, {"rotating", Assurance::rotating}};

// `zones`: null where they are not known.
void read_where(TableReader& table, const std::vector<Zone>* zones, Campaign& campaign) {
  const bool moment_known = table.parsed("on", one_of(kMoments), campaign.on);
  std::vector<std::string> ids;
  table.parsed_list("zones", parse_name, ids);
  for (const std::string& id : ids) {
    if (zones == nullptr) break;
    const auto zone = zone_called(*zones, id);
    if (zone) campaign.zones.push_back(*zone);
    if (!zone) table.file().error(table.at("zones"), unknown_zone(*zones, id));
  }
  table.duration("dwell", kDwell, campaign.dwell);
  const bool dwells = campaign.on == CampaignMoment::zone_dwelled;
  if (moment_known && !dwells && table.given("dwell"))
    table.warning("dwell", R"( counts only with on = "zone.dwelled")");
}

void read_whom(TableReader& table, Campaign& campaign) {
  table.parsed_list("segments_any", parse_label, campaign.segments_any);
  table.parsed_list("segments_all", parse_label, campaign.segments_all);
  table.parsed_list("segments_none", parse_label, campaign.segments_none);
  table.integer("holdout_percent", kPercent, campaign.holdout_percent);
  table.parsed("min_assurance", one_of(kAssurances), campaign.min_assurance);
}

void read_when(TableReader& table, Campaign& campaign) {
  const bool starts = table.instant("starts", campaign.starts);
  const bool ends = table.instant("ends", campaign.ends);
  if (starts && ends && *campaign.starts >= *campaign.ends)
    table.error("ends", " is not after `starts`", "the campaign would never run");
  const std::size_t errors_before = table.file().errors();
  std::vector<std::size_t> days;
  if (table.parsed_list("days", parse_day, days)) {
    campaign.days.reset();
    for (const std::size_t day : days) campaign.days.set(day);
    if (days.empty() && table.file().errors() == errors_before)
      table.warning("days", " names no day: the campaign never runs", "delete the line for every day");
  }
  table.parsed("between", parse_hours, campaign.between);
}

void read_cap(TableReader table, FrequencyCap& cap) {
  table.integer("per_visit", kPerVisit, cap.per_visit);
  table.integer("per_day", kPerDay, cap.per_day);
  table.duration("cooldown", kCooldown, cap.cooldown);
  table.finish();
}

void read_id(TableReader& table, SeenIds& seen, Campaign& campaign) {
  if (!table.parsed("id", parse_name, campaign.id)) return;
  const Position at = table.at("id");
  const auto [first, is_new] = seen.try_emplace(campaign.id, table.file().name() + " line " + std::to_string(at.line));
  if (!is_new)
    table.error("id", ": there are two campaigns \"" + campaign.id + '"', "the other is in " + first->second);
}

}  // namespace

void read_campaign(TableReader table, const Settings& settings, Known known, SeenIds& seen,
                   std::vector<Campaign>& campaigns) {
  Campaign campaign;
  read_id(table, seen, campaign);
  table.flag("enabled", campaign.enabled);
  table.parsed("kind", one_of(kKinds), campaign.kind);
  read_where(table, known.zones ? &settings.shop.zones : nullptr, campaign);
  read_whom(table, campaign);
  read_when(table, campaign);
  table.integer("priority", kPriority, campaign.priority);
  campaign.expires_after = campaign.kind == CampaignKind::welcome ? kWelcomeExpiresAfter : kOtherExpiresAfter;
  table.duration("expires_after", kExpiresAfter, campaign.expires_after);
  if (const auto cap = table.table("cap", "[campaign.cap]")) read_cap(*cap, campaign.cap);
  campaign.variants = read_variants(table.tables("variant"), known.attributes ? &settings.privacy.attributes : nullptr);

  std::vector<std::string_view> required{"id", "kind", "on", "variant"};
  if (campaign.on == CampaignMoment::zone_dwelled) required.emplace_back("dwell");
  table.finish(required);
  campaigns.push_back(std::move(campaign));
}

}  // namespace beacon_gateway
