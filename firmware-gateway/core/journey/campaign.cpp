#include "core/journey/campaign.hpp"

namespace beacon_gateway {

std::string_view name(CampaignKind kind) noexcept {
  return name(purpose_of(kind));
}

Purpose purpose_of(CampaignKind kind) noexcept {
  switch (kind) {
    case CampaignKind::welcome:
      return Purpose::welcome;
    case CampaignKind::promotion:
      return Purpose::promotion;
    case CampaignKind::survey:
      return Purpose::survey;
    case CampaignKind::assist:
      return Purpose::assist;
  }
  return Purpose::welcome;
}

std::string_view name(CampaignMoment moment) noexcept {
  switch (moment) {
    case CampaignMoment::visit_started:
      return "visit.started";
    case CampaignMoment::zone_entered:
      return "zone.entered";
    case CampaignMoment::zone_dwelled:
      return "zone.dwelled";
    case CampaignMoment::visit_ended:
      return "visit.ended";
  }
  return {};
}

}  // namespace beacon_gateway
