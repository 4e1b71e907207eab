#include "cli/run.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <future>
#include <ostream>
#include <sstream>

#include "cli/configuration.hpp"
#include "cli/operator_requests.hpp"
#include "cli/orchestrator_campaigns.hpp"
#include "delivery.hpp"
#include "gateway.hpp"
#include "messages/text_forms.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/remote_commands.hpp"

namespace beacon_gateway {
namespace {

// Time to say goodbye to the broker; systemd waits 90 s, a technician less.
constexpr std::chrono::milliseconds kGoodbye{2000};

Settings with_campaigns(Settings files, std::vector<Campaign> campaigns) {
  files.journey.campaigns = std::move(campaigns);
  return files;
}

// One life of the daemon: everything that `run` wires together, in the order in which it must end.
class Daemon {
 public:
  Daemon(Settings settings, const RunOptions& options, const Edges& edges)
      : options_(options),
        edges_(edges),
        clock_(all_captures(settings) ? ClockSource::capture : ClockSource::machine),
        since_(edges.machine_clock().wall),
        files_(std::move(settings)),
        profiles_(edges.open_profiles(profiles_file(files_.store.directory), files_)),
        journey_(edges.open_journey(journey_file(files_.store.directory), files_, false)),
        campaigns_(*profiles_, counters_),
        gateway_(with_campaigns(files_, campaigns_.at_start(files_)), *profiles_, *journey_, counters_, clock_,
                 edges.random_key()) {
    gateway_.start(edges.machine_clock());
    connect_uplink();
  }

  int run() {
    auto radio = edges_.make_radio(gateway_.settings(), resume_from());
    if (!radio) throw std::runtime_error(radio.error());
    DaemonFacts facts{[this] { return link_text(); }, [this] { return reload(); }, since_,
                      [this] { return radio_status_; }, [this] { return store_trouble_; }};
    facts.identify_asked = [this] { return identify_asked(); };
    facts.campaigns = [this] { return campaigns_.in_force(gateway_.settings()); };
    RemoteCommands commands{
        gateway_, *profiles_, counters_, {[this] { return reload_remotely(); }, [this] { identify(); }}};
    OperatorRequests requests{gateway_, *profiles_, *journey_, counters_, &facts};
    EventLoop loop{gateway_, *journey_, delivery_ ? &*delivery_ : nullptr, uplink_.get(),
                   queue_,   counters_, surroundings(requests, commands),  {clock_, options_.exit_at_end}};
    facts.warnings = [&loop] { return loop.warnings(); };
    const auto signals =
        edges_.watch_signals([this] { queue_.post(StopRequested{}); }, [this] { queue_.post(ReloadRequested{}); });
    auto control = edges_.serve_control(
        gateway_.settings().control_socket,
        [this](std::string question, const Asker& asker) { return ask_loop(std::move(question), asker); });
    start(**radio);
    edges_.tell_ready();
    spdlog::info("gateway /{}/{}/{} runs: {} identifiers, {} open visits, {} events wait",
                 gateway_.settings().name.tenant, gateway_.settings().name.store, gateway_.settings().name.id,
                 gateway_.identifiers(), gateway_.open_visits(), journey_->totals().waiting);
    loop.run();
    edges_.tell_stopping();
    queue_.close();  // first: whoever waits for room or for an answer gives up
    (*radio)->stop();
    control.reset();
    if (uplink_) uplink_->stop(kGoodbye);
    if (!loop.suspended()) gateway_.save();
    spdlog::info("gateway stopped; {} events wait in the outbox", journey_->totals().waiting);
    return kGood;
  }

 private:
  void connect_uplink() {
    if (gateway_.settings().broker.url.empty()) {
      spdlog::warn("no [broker] url is configured: events stay in the outbox until they expire");
      return;
    }
    // The session is told apart by when it began: two starts within a microsecond do not happen.
    uplink_ = edges_.make_uplink(gateway_.settings(),
                                 Session{fmt::format("{:x}", since_.time_since_epoch().count()), since_});
    delivery_.emplace(
        *journey_, *profiles_, *uplink_, counters_,
        [this](const OutboxRow& row, Outcome outcome, std::string_view reason, const Instant& at) {
          gateway_.tell_unsent(row, outcome, reason, at);
        },
        gateway_.settings().broker.receipts);
  }

  void start(Radio& radio) {
    if (uplink_)
      uplink_->start({[this] { queue_.post(LinkUp{}); }, [this](const std::string& why) { queue_.post(LinkDown{why}); },
                      [this](std::int64_t sequence, SendOutcome outcome, const std::string& why) {
                        queue_.post(RowSettled{sequence, outcome, why});
                      },
                      [this](Downlink downlink) { take_in(std::move(downlink)); }});
    const bool patient = clock_ == ClockSource::capture;
    radio.start({[this, patient](const Advertisement& advertisement) {
                   if (patient) return queue_.post_patiently(advertisement);
                   queue_.post(advertisement);
                   return true;
                 },
                 [this] { queue_.post(RadioFinished{}); },
                 [this](const std::string& why) { queue_.post(RadioFailed{why}); },
                 [this](const RadioStatus& status) { queue_.post(status); }});
  }

  // On the uplink's inbox thread, which may wait: what the orchestrator sends too fast then stays in the broker.
  void take_in(Downlink downlink) {
    const DownlinkTopic topic = downlink.topic;
    if (!queue_.post_patiently(std::move(downlink), kRoomWithin))
      queue_.post(Downlink{topic, std::nullopt, DownlinkRefusal::overflow, 0});
  }

  std::optional<WallTime> resume_from() {
    const auto position = journey_->position();
    return position ? std::optional{position->at} : std::nullopt;
  }

  LoopSurroundings surroundings(OperatorRequests& requests, RemoteCommands& commands) {
    return {edges_.machine_clock,
            [&requests](const ControlRequest& control) {
              const auto question = control_question_from_json(control.request);
              if (!question)
                return to_json(ControlAnswer{kFailed, {}, "beacon-gateway: the question cannot be read\n"});
              return to_json(requests.answer(*question, {control.user, control.is_operator}));
            },
            [this] { (void)reload(); },
            edges_.tell_alive,
            [&commands](const Command& command, MonotonicTime now) { return commands.answer(command, now); },
            [this](const CampaignSet& sent, MonotonicTime now) { return use_campaigns(sent, now); },
            [this](RadioStatus status) { radio_status_ = std::move(status); },
            [this] { return campaigns_.warnings(); },
            [this](const std::string& why) { store_trouble_ = why; }};
  }

  // On the control socket's thread: puts the question to the loop and waits.
  std::string ask_loop(std::string question, const Asker& asker) {
    auto promise = std::make_shared<std::promise<std::string>>();
    std::future<std::string> answer = promise->get_future();
    queue_.post(
        ControlRequest{std::move(question), asker.user, asker.is_operator,
                       [promise = std::move(promise)](std::string text) { promise->set_value(std::move(text)); }});
    const auto failed = [](const char* why) { return to_json(ControlAnswer{kFailed, {}, why}); };
    try {
      if (answer.wait_for(kAnswerWithin) == std::future_status::ready) return answer.get();
    } catch (const std::future_error&) {  // the queue was closed, and the question went with it
      return failed("beacon-gateway: the gateway is stopping\n");
    }
    return failed("beacon-gateway: the gateway is too busy to answer\n");
  }

  std::string link_text() const {
    if (!delivery_) return "not configured";
    return fmt::format("{} {}, {} in flight", gateway_.settings().broker.url,
                       delivery_->linked() ? "connected" : "not connected", delivery_->in_flight());
  }

  CommandReply use_campaigns(const CampaignSet& sent, MonotonicTime now) {
    return campaigns_.answer(sent, files_, now,
                             [this](std::vector<Campaign> campaigns) { gateway_.use_campaigns(std::move(campaigns)); });
  }

  // All is checked first; a bad new configuration leaves the old one in force.
  ControlAnswer reload() {
    edges_.tell_reloading();
    if (uplink_) uplink_->look_at_credentials();
    std::ostringstream faults;
    auto fresh = usable_settings(options_.configuration, faults);
    std::string refused;
    if (!fresh)
      refused = "the configuration has errors";
    else if (needs_restart(*fresh))
      refused =
          "scanners, beacons, canary, broker, downlink, attributes or store have changed: restart the gateway to use "
          "them";
    try {
      if (refused.empty()) refused = put_in_force(std::move(*fresh));
    } catch (const StoreUnavailable&) {
      edges_.tell_ready();  // whatever comes of it, reloading is over
      throw;
    }
    edges_.tell_ready();
    if (refused.empty()) {
      spdlog::info("configuration {} is in force", gateway_.settings().hash);
      return {kGood, fmt::format("configuration {} is in force\n", gateway_.settings().hash), {}};
    }
    spdlog::error("reload refused, the old configuration stays in force: {}\n{}", refused, faults.str());
    return {kFailed,
            {},
            fmt::format("{}beacon-gateway: {}; the old configuration stays in force\n", faults.str(), refused)};
  }

  // The orchestrator's campaigns stay. Why not, or nothing.
  std::string put_in_force(Settings fresh) {
    auto campaigns = campaigns_.with(fresh);
    if (!campaigns)
      return fmt::format(
          "version {} of the orchestrator's campaigns does not fit it ({}): give back what they name, or have the "
          "orchestrator send a version that fits both",
          campaigns_.in_force(fresh).version, campaigns.error());
    gateway_.reconfigure(with_campaigns(fresh, *std::move(campaigns)));
    campaigns_.fits();
    files_ = std::move(fresh);
    return {};
  }

  // What is wrong with the files is for those who can read them: it stands in the log.
  std::optional<std::string> reload_remotely() {
    if (reload().status == kGood) return std::nullopt;
    return "the old configuration stays in force; the gateway's log says why, as `beacon-gateway reload` does";
  }

  // Without a lamp: the unit may not write to /sys. Who stands before several boxes asks each for its status.
  void identify() {
    identified_at_ = edges_.machine_clock().monotonic;
    const GatewayName& name = gateway_.settings().name;
    spdlog::warn("identify: this is gateway /{}/{}/{}", name.tenant, name.store, name.id);
  }
  [[nodiscard]] bool identify_asked() const {
    return identified_at_ && edges_.machine_clock().monotonic - *identified_at_ < kIdentifyShown;
  }

  [[nodiscard]] bool needs_restart(const Settings& fresh) const {
    const Settings& held = gateway_.settings();
    const auto adapters = [](const Settings& settings) {
      std::vector<std::string> result;
      for (const Scanner& scanner : settings.shop.scanners) result.push_back(scanner.adapter);
      return result;
    };
    return fresh.privacy.attributes != held.privacy.attributes ||  // the downlink's reader has them
           fresh.downlink.trusted_keys != held.downlink.trusted_keys ||
           fresh.downlink.allow_unsigned != held.downlink.allow_unsigned || fresh.broker.url != held.broker.url ||
           fresh.broker.receipts != held.broker.receipts || fresh.store.directory != held.store.directory ||
           fresh.control_socket != held.control_socket || adapters(fresh) != adapters(held) ||
           fresh.beacons != held.beacons || fresh.radio != held.radio || all_captures(fresh) != all_captures(held) ||
           fresh.name.tenant != held.name.tenant || fresh.name.store != held.name.store ||
           fresh.name.id != held.name.id;
  }

  // Longer than any import takes; a command that hangs for ever helps nobody.
  static constexpr std::chrono::minutes kAnswerWithin{5};
  // Time to walk to the box and look.
  static constexpr std::chrono::minutes kIdentifyShown{10};
  // Well below the deadline after which an unanswered row makes the link count as dead (15 s).
  static constexpr std::chrono::milliseconds kRoomWithin{5000};

  const RunOptions& options_;
  const Edges& edges_;
  const ClockSource clock_;
  const WallTime since_;
  Counters counters_;
  Settings files_;  // what the files said; the campaigns in force may be others
  std::unique_ptr<ProfileStore> profiles_;
  std::unique_ptr<JourneyStore> journey_;
  OrchestratorCampaigns campaigns_;
  Gateway gateway_;
  EventQueue queue_;
  RadioStatus radio_status_;   // the newest
  std::string store_trouble_;  // empty: the store takes data
  std::optional<MonotonicTime> identified_at_;
  std::unique_ptr<Uplink> uplink_;
  std::optional<Delivery> delivery_;
};

}  // namespace

int run(const RunOptions& options, const Edges& edges, std::ostream& err) {
  auto settings = usable_settings(options.configuration, err);
  if (!settings) return kBadConfiguration;
  if (const auto why = edges.store_key_fault(settings->store)) {
    err << "beacon-gateway: " << *why << '\n';
    return kBadConfiguration;
  }
  make_store_directory(settings->store.directory);
  return Daemon{std::move(*settings), options, edges}.run();
}

}  // namespace beacon_gateway
