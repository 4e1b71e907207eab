#include "cli/orchestrator_campaigns.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "core/digest.hpp"
#include "settings/read_settings.hpp"

namespace beacon_gateway {
namespace {

constexpr std::size_t kHashDigits = 16;  // as of the configuration

// A marketer at work sends a version now and then; each costs a memory card up to 256 KiB.
constexpr int kSetsAtOnce = 5;
constexpr Duration kSetEvery = std::chrono::minutes{1};

// Enough to mend a text by; the first mistake often makes the others.
constexpr std::size_t kMostFaultsTold = 5;
constexpr std::size_t kMostOctetsOfAFault = 300;

constexpr const char* kName = "the orchestrator's campaigns";

// A log line stays one line, whatever the text says.
std::string in_one_line(std::string text) {
  constexpr unsigned char kDelete = 0x7F;
  std::ranges::replace_if(text, [](char one) { return static_cast<unsigned char>(one) < ' ' || one == kDelete; }, ' ');
  if (text.size() <= kMostOctetsOfAFault) return text;
  std::size_t end = kMostOctetsOfAFault;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not within a character
  return text.substr(0, end) + "...";
}

// "line 4, column 9: there is no zone "isle" (did you mean "aisle"?)", one a line.
std::string told(const std::vector<Fault>& faults) {
  std::string text;
  std::size_t errors = 0;
  for (const Fault& fault : faults) {
    if (fault.severity != Severity::error || ++errors > kMostFaultsTold) continue;
    const std::string hint = fault.hint.empty() ? "" : " (" + fault.hint + ")";
    text += fmt::format("{}line {}, column {}: {}", text.empty() ? "" : "\n", fault.at.line, fault.at.column,
                        in_one_line(fault.text + hint));
  }
  if (errors > kMostFaultsTold) text += fmt::format("\nand {} more", errors - kMostFaultsTold);
  return text;
}

tl::expected<std::vector<Campaign>, std::string> campaigns_of(const CampaignSet& set, const Settings& files) {
  if (is_blank(set)) return files.journey.campaigns;
  CampaignsResult read = read_campaigns(set.toml, kName, files);
  if (!read.campaigns) return tl::make_unexpected(told(read.faults));
  return *std::move(read.campaigns);
}

Count count_of(CommandRefusal why) {
  switch (why) {
    case CommandRefusal::rate_limited:
      return Count::campaigns_rate_limited;
    case CommandRefusal::version_behind:
      return Count::campaigns_version_behind;
    case CommandRefusal::too_large:
      return Count::campaigns_too_large;
    default:
      return Count::campaigns_faulty;
  }
}

std::string hash_of(const CampaignSet& set) {
  return digest_hex({set.toml}).substr(0, kHashDigits);
}

}  // namespace

std::string to_text(const CampaignsInForce& campaigns) {
  const std::string_view plural = campaigns.count == 1 ? "" : "s";
  if (!campaigns.fits)
    return fmt::format("NONE: version {} of the orchestrator's campaigns does not fit the configuration",
                       campaigns.version);
  if (campaigns.of_orchestrator)
    return fmt::format("{} campaign{} of the orchestrator, version {}, hash {}; those of campaigns.d wait",
                       campaigns.count, plural, campaigns.version, campaigns.hash);
  return fmt::format("{} campaign{} of campaigns.d{}", campaigns.count, plural,
                     campaigns.version == 0
                         ? std::string{}
                         : fmt::format("; the orchestrator took its own back with version {}", campaigns.version));
}

std::string to_json(const CampaignsInForce& campaigns) {
  return fmt::format(R"({{"of":"{}","version":{},"count":{},"hash":"{}","fits":{}}})",
                     campaigns.of_orchestrator ? "orchestrator" : "files", campaigns.version, campaigns.count,
                     campaigns.hash, campaigns.fits);
}

OrchestratorCampaigns::OrchestratorCampaigns(ProfileStore& profiles, Counters& counters)
    : profiles_(profiles), counters_(counters), held_(profiles.campaigns()), rate_(kSetsAtOnce, kSetEvery) {}

tl::expected<std::vector<Campaign>, std::string> OrchestratorCampaigns::with(const Settings& files) const {
  if (!held_) return files.journey.campaigns;
  return campaigns_of(*held_, files);
}

std::vector<Campaign> OrchestratorCampaigns::at_start(const Settings& files) {
  auto campaigns = with(files);
  if (campaigns) return *std::move(campaigns);
  misfit_ = campaigns.error();
  spdlog::error("alarm: nobody gets a message: version {} of {} does not fit the configuration:\n{}", held_->version,
                kName, misfit_);
  return {};
}

CommandReply OrchestratorCampaigns::answer(const CampaignSet& sent, const Settings& files, MonotonicTime now,
                                           const std::function<void(std::vector<Campaign>)>& put_in_force) {
  CommandReply reply;
  reply.command = "campaigns";
  reply.version = sent.version;
  if (auto refused = take(sent, files, now, put_in_force)) {
    counters_.add(count_of(refused->why));
    if (refused->why != CommandRefusal::rate_limited)  // the bound on sets bounds these lines too
      spdlog::warn("orchestrator: campaigns of version {} refused, the old ones stay in force: {}\n{}", sent.version,
                   name(refused->why), refused->detail);
    reply.refusal = refused->why;
    reply.detail = std::move(refused->detail);
  }
  return reply;
}

std::optional<OrchestratorCampaigns::Refused> OrchestratorCampaigns::take(
    const CampaignSet& sent, const Settings& files, MonotonicTime now,
    const std::function<void(std::vector<Campaign>)>& put_in_force) {
  if (!rate_.take(now))
    return Refused{CommandRefusal::rate_limited,
                   fmt::format("send at most {} versions at once and one a minute", kSetsAtOnce)};
  if (repeats(sent)) {
    counters_.add(Count::campaigns_repeated);
    return std::nullopt;
  }
  if (held_ && sent.version <= held_->version)
    return Refused{CommandRefusal::version_behind,
                   fmt::format("version {} is held: send a higher one, also for older campaigns", held_->version)};
  if (sent.toml.size() > kMostCampaignOctets)
    return Refused{CommandRefusal::too_large, fmt::format("campaigns_toml has {} octets; at most {} are taken",
                                                          sent.toml.size(), kMostCampaignOctets)};
  auto campaigns = campaigns_of(sent, files);
  if (!campaigns) return Refused{CommandRefusal::faulty, std::move(campaigns.error())};
  profiles_.save_campaigns(sent);
  held_ = sent;
  misfit_.clear();
  counters_.add(Count::campaigns_taken);
  spdlog::info("orchestrator: campaigns of version {} are in force: {}", sent.version,
               is_blank(sent) ? "those of campaigns.d again"
                              : fmt::format("{} campaigns, hash {}", campaigns->size(), hash_of(sent)));
  put_in_force(*std::move(campaigns));
  return std::nullopt;
}

CampaignsInForce OrchestratorCampaigns::in_force(const Settings& settings) const {
  const bool ours = held_ && !is_blank(*held_);
  return {ours, held_ ? held_->version : 0, settings.journey.campaigns.size(), ours ? hash_of(*held_) : settings.hash,
          misfit_.empty()};
}

Warnings OrchestratorCampaigns::warnings() const {
  if (misfit_.empty()) return {};
  return {{warning::kCampaignsMisfit,
           fmt::format("nobody gets a message: version {} of {} does not fit the configuration ({}); give back what it "
                       "names and reload, or have the orchestrator send a version that fits",
                       held_->version, kName, in_one_line(misfit_))}};
}

}  // namespace beacon_gateway
