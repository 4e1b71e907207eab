// Which campaigns decide: those of campaigns.d, or, as long as one is held, the set that the orchestrator has sent
// (topic `campaigns`, contract 3.4). A set is taken whole or not at all, and its version only goes up.
//
// A set that no longer fits the files at a start (a zone is gone) decides nothing, and neither do the files: what the
// marketer has replaced must not go out. That is a warning until it fits again. Thread: the loop's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "core/campaign_set.hpp"
#include "core/command.hpp"
#include "core/counters.hpp"
#include "core/token_bucket.hpp"
#include "core/warning.hpp"
#include "ports/profile_store.hpp"
#include "settings/settings.hpp"

namespace beacon_gateway {

// For `status` and `check`.
struct CampaignsInForce {
  bool of_orchestrator = false;  // else of campaigns.d
  std::int64_t version = 0;      // the newest that was taken, also if it took the set back; 0: none ever was
  std::size_t count = 0;
  std::string hash;  // of the set: first 16 hex digits of core/digest.hpp; of files: the configuration's
  bool fits = true;
};
[[nodiscard]] std::string to_text(const CampaignsInForce& campaigns);
[[nodiscard]] std::string to_json(const CampaignsInForce& campaigns);

class OrchestratorCampaigns {
 public:
  // Both outlive it. Throws what the store throws.
  OrchestratorCampaigns(ProfileStore& profiles, Counters& counters);

  // What is to decide with these files; or the faults of the set, in lines.
  [[nodiscard]] tl::expected<std::vector<Campaign>, std::string> with(const Settings& files) const;
  // `with`, or no campaign at all: at a start, where there is nothing to fall back to.
  [[nodiscard]] std::vector<Campaign> at_start(const Settings& files);
  // The files were reloaded, and what `with` gave decides.
  void fits() { misfit_.clear(); }

  // Takes or refuses what was sent; of what it takes, the store has it before `put_in_force` is called, which does not
  // fail. Counted and logged.
  [[nodiscard]] CommandReply answer(const CampaignSet& sent, const Settings& files, MonotonicTime now,
                                    const std::function<void(std::vector<Campaign>)>& put_in_force);

  [[nodiscard]] CampaignsInForce in_force(const Settings& settings) const;
  [[nodiscard]] Warnings warnings() const;

 private:
  struct Refused {
    CommandRefusal why;
    std::string detail;
  };
  [[nodiscard]] std::optional<Refused> take(const CampaignSet& sent, const Settings& files, MonotonicTime now,
                                            const std::function<void(std::vector<Campaign>)>& put_in_force);
  [[nodiscard]] bool repeats(const CampaignSet& sent) const { return held_ == sent; }

  ProfileStore& profiles_;
  Counters& counters_;
  std::optional<CampaignSet> held_;
  std::string misfit_;  // why the held set decides nothing; empty: it does, or there is none
  TokenBucket rate_;
};

}  // namespace beacon_gateway
