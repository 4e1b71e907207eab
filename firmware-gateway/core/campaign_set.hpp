// The marketer's campaigns as the orchestrator sends them (topic `campaigns`, contract 3.4): all of them, as the text
// of a file of campaigns.d, under a version that only goes up. A blank text takes the set back: the files count again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace beacon_gateway {

struct CampaignSet {
  std::int64_t version = 0;  // from 1
  std::string toml;          // UTF-8
  friend bool operator==(const CampaignSet&, const CampaignSet&) = default;
};

// Of the text, in octets: some hundreds of campaigns, and with JSON and base64 around it well below the bound on a
// message.
inline constexpr std::size_t kMostCampaignOctets = std::size_t{256} * 1024;

[[nodiscard]] inline bool is_blank(const CampaignSet& set) {
  return std::string_view{set.toml}.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace beacon_gateway
