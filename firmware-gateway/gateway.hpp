// The gateway's story: one advertisement, or a stretch of silence, in; decisions and events, durably recorded, out.
//
// Reads no clock, holds no lock, starts no thread: it belongs to one thread, which hands it every input with its
// instant. A store that fails throws in the middle of whatever was being decided: after a StoreUnavailable only
// `start_over` may be called, and what it asks.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/counters.hpp"
#include "core/downlink.hpp"
#include "core/identity/recogniser.hpp"
#include "core/journey/visit_state.hpp"
#include "core/nonce_book.hpp"
#include "core/presence/presence.hpp"
#include "core/token_bucket.hpp"
#include "ports/journey_store.hpp"
#include "ports/profile_store.hpp"
#include "settings/settings.hpp"

namespace beacon_gateway {

// Whose clock the advertisements bear.
enum class ClockSource : std::uint8_t {
  machine,  // instants go on for ever
  capture,  // after a restart the same advertisements come again, up to where the store had got
};

// What an import did, by number of profiles.
struct ImportReport {
  int taken = 0;
  int unchanged = 0;        // a version not above the held one
  int removed = 0;          // not in a replacing import
  int erased_before = 0;    // left out: the person was erased and has not agreed to anything since
  int without_consent = 0;  // taken, but no consent in it is live: not matched
};

// For `status`: what is held, and how fresh the orchestrator's word is.
struct HoldingReport {
  std::size_t identifiers = 0;
  std::size_t contested = 0;
  std::size_t irks = 0;
  std::size_t irks_refused = 0;
  std::size_t index_octets = 0;
  OrchestratorWord word;
  bool lease_over = false;
};

// Whose an advertisement is, for `scan` and `record`: which shopper's is not told.
enum class Whose : std::uint8_t { stranger, shopper, test_tag, staff };

// Against a flood of reports, and repeats among them.
struct ReportBounds {
  ReportBounds();
  TokenBucket rate;
  NonceBook nonces;
};

class Gateway {
 public:
  // The settings are copied; the stores and counters outlive the gateway. `secret`: drawn at random at each start.
  Gateway(Settings settings, ProfileStore& profiles, JourneyStore& journey, Counters& counters, ClockSource clock,
          const Key128& secret);
  ~Gateway();

  // Reads identifiers and open visits from the stores. Once, before anything else. With a capture's clock the instant
  // is replaced by the one the store had reached, if any.
  void start(Instant now);

  // Goes on from the stores, as after a restart; nothing that was not recorded has happened.
  void start_over();

  // An advertisement was heard. Its instant is never before the one handed in last.
  void hear(const Advertisement& advertisement);

  // Whose it is: of shoppers, those who may be matched now. Decides and counts nothing.
  [[nodiscard]] Whose whose(Advertisement advertisement);

  // Nothing was heard until `now`: zones are left and visits end, each at its own instant.
  void pass_time(const Instant& now);

  // Runs the clock on until no visit is open: the end of a capture.
  void finish();

  // Writes down what has changed since the last event, so that another process goes on exactly from here.
  void save();

  // Takes profiles, all or none; with `replace`, those not among them are erased then.
  ImportReport import(const std::vector<Profile>& profiles, bool replace);

  // Removes everything about a shopper, on disk too, and leaves a tombstone and a receipt. False: no profile was held.
  bool erase(const ShopperId& shopper);

  // As `erase`, on the word of the orchestrator, which mistypes no name: tombstone and receipt also of whom nobody
  // held.
  void withdraw(const ShopperId& shopper);

  // The orchestrator said something. True: it is believed, and new; a command is then the caller's to carry out, and
  // campaigns are his to read and to put in force, and then to call `dealt_with`.
  bool take(const Downlink& message);
  // It is no news when it comes again.
  void dealt_with(const Downlink& message);
  // Asks for what is missing in the revisions.
  void ask_for_sync() { sync_wanted_ = true; }
  // Whether the orchestrator must be asked for what is missing, until it was.
  [[nodiscard]] bool sync_wanted() const { return sync_wanted_; }
  void sync_sent() { sync_wanted_ = false; }
  void want_sync() { sync_wanted_ = true; }  // something of the orchestrator's could not be taken
  [[nodiscard]] std::int64_t revision() const { return word_.revision; }

  // A row ends unsent, as expired or evicted: `explain` shows it, and the orchestrator hears of it if it wants to know
  // of suppressions. Within the transaction that ends the row.
  void tell_unsent(const OutboxRow& row, Outcome outcome, std::string_view reason, const Instant& at);

  void pause(bool paused) { paused_ = paused; }
  [[nodiscard]] bool paused() const { return paused_; }

  // Puts new settings in force; open visits go on, zones and scanners by their names.
  void reconfigure(Settings settings);
  // From the next input on, these decide; in the order of JourneyRules. Open visits and caps go on.
  void use_campaigns(std::vector<Campaign> campaigns) { settings_.journey.campaigns = std::move(campaigns); }

  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const Instant& now() const { return now_; }
  [[nodiscard]] std::size_t open_visits() const;
  [[nodiscard]] bool visit_open(ShopperNumber shopper) const;
  [[nodiscard]] std::size_t identifiers() const { return recogniser_.size(); }
  [[nodiscard]] std::size_t contested() const { return recogniser_.contested(); }
  [[nodiscard]] HoldingReport holding() const;

 private:
  // A shopper whom presence follows at the moment.
  struct Follower {
    Profile profile;
    Track track;
    VisitState visit;
    std::optional<MonotonicTime> deadline{};  // the one that waits in `deadlines_`
    Assurance heard_as = Assurance::fixed;    // the newest sighting
  };
  using Deadline = std::pair<MonotonicTime, ShopperNumber>;

  [[nodiscard]] bool seen_before(const Instant& at);
  [[nodiscard]] std::optional<Recognition> recognise(const Advertisement& advertisement);
  void judge_identity(Follower& follower, const Recognition& recognition, ScannerIndex scanner);
  void keep_learnt();
  void pass_day();
  Follower& follow(ShopperNumber shopper);
  void forget(ShopperNumber shopper);
  void wait_for_silence(ShopperNumber shopper, Follower& follower);
  void restore_tracks();

  // Presence changed: tells it and decides, in one transaction.
  void tell(Follower& follower, const Instant& at);
  [[nodiscard]] std::vector<Occasion> occasions(const Follower& follower, const Instant& at) const;
  void begin_visit(Follower& follower, bool told);
  void tell_presence(Follower& follower, const Instant& at);
  void tell_decisions(Follower& follower, const Instant& at, const std::vector<Occasion>& moments);
  void emit(Follower& follower, const Instant& at, EventData data);
  void record(const Event& event);
  void make_room(const Instant& at);
  void save_tracks();

  [[nodiscard]] bool lease_over() const;
  void hear_word(WallTime at);
  void hear_word_seldom(WallTime at);
  void mend_word();
  [[nodiscard]] bool may_be_held(const Profile& profile);
  // A profile that was put, and what was held before.
  struct TakenProfile {
    StoredProfile stored;
    std::optional<Profile> before;
    std::optional<Identity> identity_before;
  };
  [[nodiscard]] std::vector<TakenProfile> put(const std::vector<Profile>& profiles, ImportReport& report);
  void take_over(const std::vector<TakenProfile>& taken);
  void take_over(const StoredProfile& stored, const Profile* before);
  void suspend(const std::vector<ShopperId>& shoppers);
  void erase(std::span<const ShopperId> shoppers, std::optional<WallTime> tombstone_at);
  void finish_erasures();
  void refuse(DownlinkRefusal why);
  void take_profiles(const ProfilesMessage& message, WallTime said_at);
  void take_full_set(const ProfilesMessage& message);
  void take_report(const PresenceReport& report);
  // Why it does not count, or nothing.
  [[nodiscard]] std::optional<ReportRefusal> join(const PresenceReport& report);
  // Another gateway of the shop speaks; what came of it.
  void take_other(const OtherVisit& other);
  [[nodiscard]] Count other_started(const OtherVisit& other);
  [[nodiscard]] Count other_ended(const OtherVisit& other);
  void adopt(ShopperNumber shopper, const OtherVisit& other, const Instant& started);
  void yield(ShopperNumber shopper, const OtherVisit& other, const Instant& started);
  void keep_on(ShopperNumber shopper);
  void drop_visit(ShopperNumber shopper);
  void drop_followers_not_held();
  void read_identities();

  Settings settings_;
  ProfileStore& profiles_;
  JourneyStore& journey_;
  Counters& counters_;
  const ClockSource clock_;
  bool paused_ = false;

  Recogniser recogniser_;
  Presence presence_;
  std::unordered_map<ShopperNumber, Follower> followed_;
  std::priority_queue<Deadline, std::vector<Deadline>, std::greater<>> deadlines_;
  std::vector<PresenceChange> changes_;  // of the present input; kept to spare its memory
  std::set<ShopperNumber> unsaved_;      // tracks that differ from the store's
  std::vector<ShopperId> dropped_;       // tracks that the store still has

  OrchestratorWord word_;
  bool heard_on_untrusted_clock_ = false;
  bool sync_wanted_ = false;
  ReportBounds report_bounds_;
  std::array<std::optional<MonotonicTime>, kDownlinkRefusals> refusal_told_at_{};  // by reason
  std::optional<std::chrono::sys_days> today_;  // UTC: keys of days gone by are deleted

  Instant now_;
  CapturePosition position_;  // of the newest advertisement dealt with
  std::optional<CapturePosition> resume_after_;
};

}  // namespace beacon_gateway
