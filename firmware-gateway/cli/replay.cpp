#include "cli/replay.hpp"

#include <fmt/format.h>

#include <ostream>

#include "cli/configuration.hpp"
#include "cli/profile_file.hpp"
#include "cli/text_file.hpp"
#include "core/broker_url.hpp"
#include "delivery.hpp"
#include "gateway.hpp"
#include "runtime/event_queue.hpp"

namespace beacon_gateway {
namespace {

// How many rows are printed before they are written off together.
constexpr std::size_t kPrintBatch = 256;
constexpr std::chrono::milliseconds kPoll{50};
constexpr std::chrono::milliseconds kGoodbye{2000};

// Where recorded events go: standard output, always.
class Printer {
 public:
  Printer(JourneyStore& journey, std::ostream& out)
      : journey_(journey), out_(out), printed_(journey.newest_sequence()) {}

  // Prints what is new; with `done`, it then leaves the outbox.
  void print(bool done) {
    while (printed_ < journey_.newest_sequence()) {
      const auto rows = journey_.waiting_after(printed_, kPrintBatch);
      if (rows.empty()) break;
      for (const OutboxRow& row : rows) out_ << row.payload << '\n';
      out_.flush();
      printed_ = rows.back().sequence;
      if (!done) continue;
      journey_.transact([&] {
        for (const OutboxRow& row : rows) journey_.end_row(row.sequence, RowEnd::delivered);
      });
    }
  }

 private:
  JourneyStore& journey_;
  std::ostream& out_;
  std::int64_t printed_;
};

// Sends what was recorded and waits until the broker has it: the capture's clock stands still meanwhile, so that
// nothing expires only because a replay is fast.
class Publisher {
 public:
  Publisher(const Edges& edges, const Settings& settings, JourneyStore& journey, ProfileStore& profiles,
            Counters& counters, Gateway& gateway, std::chrono::seconds timeout)
      : edges_(edges),
        journey_(journey),
        timeout_(timeout),
        uplink_(edges.make_uplink(settings, std::nullopt)),
        delivery_(journey, profiles, *uplink_, counters,
                  [&gateway](const OutboxRow& row, Outcome outcome, std::string_view reason, const Instant& at) {
                    gateway.tell_unsent(row, outcome, reason, at);
                  }) {
    uplink_->start({[this] { queue_.post(LinkUp{}); }, [this](const std::string& why) { queue_.post(LinkDown{why}); },
                    [this](std::int64_t sequence, SendOutcome outcome, const std::string& why) {
                      queue_.post(RowSettled{sequence, outcome, why});
                    },
                    [](const Downlink&) {}});  // a replay does not subscribe
  }
  ~Publisher() { uplink_->stop(kGoodbye); }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // False if nothing moved for as long as the timeout.
  [[nodiscard]] bool deliver(const Instant& now) {
    MonotonicTime moved = edges_.machine_clock().monotonic;
    std::int64_t waiting = journey_.totals().waiting;
    std::vector<LoopEvent> events;
    while (waiting > 0) {
      uplink_->poll();
      delivery_.pump(now, edges_.machine_clock().monotonic);
      events.clear();
      queue_.take(events, kPrintBatch, kPoll);
      for (const LoopEvent& event : events) handle(event);
      delivery_.pump(now, edges_.machine_clock().monotonic);
      const std::int64_t still = journey_.totals().waiting;
      const MonotonicTime clock = edges_.machine_clock().monotonic;
      if (still < waiting) moved = clock;
      waiting = still;
      if (clock - moved > timeout_) return false;
    }
    return true;
  }

  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  void handle(const LoopEvent& event) {
    if (std::holds_alternative<LinkUp>(event)) {
      delivery_.link_up();
    } else if (const auto* down = std::get_if<LinkDown>(&event)) {
      trouble_ = down->why;
      delivery_.link_down();
    } else if (const auto* row = std::get_if<RowSettled>(&event)) {
      if (row->outcome != SendOutcome::accepted) trouble_ = row->why;
      delivery_.settled(row->sequence, row->outcome, edges_.machine_clock().monotonic);
    }
  }

  const Edges& edges_;
  JourneyStore& journey_;
  std::chrono::seconds timeout_;
  EventQueue queue_;
  std::unique_ptr<Uplink> uplink_;
  Delivery delivery_;
  std::string trouble_;
};

// What is wrong with the question itself, before anything is opened.
std::optional<std::string> refusal(const ReplayOptions& options, const Settings& settings) {
  if (!options.publish) return std::nullopt;
  if (settings.broker.url.empty()) return "--publish needs a [broker] url in gateway.toml";
  const auto broker = parse_broker_url(settings.broker.url);
  if (!options.yes_to_real_broker && !(broker && is_loopback(*broker)))
    return fmt::format(
        "the broker {} is not on this machine; if you mean to send it replayed events, add"
        " --yes-to-real-broker",
        settings.broker.url);
  return std::nullopt;
}

struct Replay {
  const ReplayOptions& options;
  const Edges& edges;
  std::ostream& out;
  std::ostream& err;

  std::unique_ptr<ProfileStore> profiles{};
  std::unique_ptr<JourneyStore> journey{};
  Counters counters{};

  // The exit status, if it ends here.
  std::optional<int> open(const Settings& settings) {
    if (options.store) make_store_directory(*options.store);
    journey = edges.open_journey(options.store ? journey_file(*options.store) : ":memory:", settings, options.publish);
    if (!options.profiles) {
      if (options.store) profiles = edges.open_profiles(profiles_file(*options.store), settings);
      bool any = false;
      if (profiles) profiles->for_each([&](const StoredProfile&) { any = true; });
      if (any) return std::nullopt;
      err << "beacon-gateway: replay needs profiles: give --profiles FILE, or --store DIR of a store that holds some\n";
      return kWrongUsage;
    }
    profiles = edges.open_profiles(":memory:", settings);
    return read_profiles(settings);
  }

  std::optional<int> read_profiles(const Settings& settings) {
    const auto text = text_of_file(*options.profiles);
    if (!text) {
      err << text.error() << '\n';
      return kFailed;
    }
    const ProfileFile file = read_profile_lines(*text, options.profiles->string(), settings.privacy.attributes);
    for (const std::string& fault : file.faults) err << fault << '\n';
    if (!file.faults.empty()) return kFailed;
    profiles->transact([&] {
      for (const Profile& profile : file.profiles) (void)profiles->put(profile);
    });
    return std::nullopt;
  }

  int play(const Settings& settings, CaptureInput& captures) {
    Gateway gateway{settings, *profiles, *journey, counters, ClockSource::capture, edges.random_key()};
    gateway.start(Instant{});
    Printer printer{*journey, out};
    std::optional<Publisher> publisher;
    if (options.publish) publisher.emplace(edges, settings, *journey, *profiles, counters, gateway, options.timeout);
    const auto tell = [&] {
      printer.print(!publisher);
      return !publisher || publisher->deliver(gateway.now());
    };
    std::int64_t told = journey->newest_sequence();
    bool delivered = true;
    while (const auto advertisement = delivered ? captures.next() : std::nullopt) {
      gateway.hear(*advertisement);
      if (journey->newest_sequence() == told) continue;
      told = journey->newest_sequence();
      delivered = tell();
    }
    if (options.store) {
      gateway.save();
    } else if (delivered) {
      gateway.finish();
      delivered = tell();
    }
    if (delivered) return kGood;
    err << fmt::format("beacon-gateway: {} events were not delivered within {} s; the broker: {}\n",
                       journey->totals().waiting, options.timeout.count(), publisher->trouble());
    return kFailed;
  }

  void summarise(CaptureInput& captures) const {
    for (const std::string& warning : captures.warnings()) err << "beacon-gateway: " << warning << '\n';
    err << fmt::format(
        "beacon-gateway: {} records, {} advertisements, {} sightings, {} visits, {} triggers, {} events\n",
        captures.records(), counters[Count::advertisements], counters[Count::sightings],
        counters[Count::visits_started], counters[Count::triggers], counters[Count::events_recorded]);
    if (const auto seen = counters[Count::dropped_already_seen]; seen > 0)
      err << fmt::format("beacon-gateway: {} advertisements are not after what the store has seen; passed over\n",
                         seen);
  }
};

}  // namespace

int replay(const ReplayOptions& options, const Edges& edges, std::ostream& out, std::ostream& err) {
  const auto settings = usable_settings(options.configuration, err);
  if (!settings) return kBadConfiguration;
  if (const auto why = options.store ? edges.store_key_fault(settings->store) : std::nullopt) {
    err << "beacon-gateway: " << *why << '\n';
    return kBadConfiguration;
  }
  if (const auto why = refusal(options, *settings)) {
    err << "beacon-gateway: " << *why << '\n';
    return kFailed;
  }
  std::vector<std::string> adapters;
  for (const Scanner& scanner : settings->shop.scanners) adapters.push_back(scanner.adapter);
  auto captures = edges.open_captures(options.captures, adapters);
  if (!captures) {
    err << captures.error() << '\n';
    return kFailed;
  }
  Replay run{options, edges, out, err};
  if (const auto status = run.open(*settings)) return *status;
  const int status = run.play(*settings, *captures);
  run.summarise(*captures);
  return status == kGood && captures->damaged() ? kFailed : status;
}

}  // namespace beacon_gateway
