#include "drivers/bluez/bluez_radio.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <system_error>

#include "drivers/bluez/session.hpp"

namespace beacon_gateway::bluez {
namespace {

// The longest sleep: what the bus library queued meanwhile (reliability.md A2), and beacons, are looked at so often.
constexpr std::chrono::milliseconds kPatience{1000};

// Cheap against the advertisements of that time, quick enough for people.
constexpr Duration kLookAtStatusEvery = std::chrono::milliseconds{100};

// The stop request as something to poll for.
class StopSignal {
 public:
  explicit StopSignal(const std::stop_token& stop) : wake_(stop, Wake{event_.descriptor}) {}

  [[nodiscard]] pollfd watch() const { return {event_.descriptor, POLLIN, 0}; }

 private:
  struct Event {
    int descriptor = ::eventfd(0, EFD_CLOEXEC);
    Event() {
      if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    ~Event() { ::close(descriptor); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
  };
  struct Wake {
    int descriptor;
    void operator()() const {
      const std::uint64_t one = 1;
      [[maybe_unused]] const auto written = ::write(descriptor, &one, sizeof one);
    }
  };
  Event event_;
  std::stop_callback<Wake>
      wake_;  // after the event: its end, which waits for a call under way, comes before that of it
};

// The radio's thread, from start to stop.
class Listening {
 public:
  Listening(const BluezOptions& options, RadioListener listener, std::stop_token stop)
      : options_(options), listener_(std::move(listener)), stop_(std::move(stop)), stop_signal_(stop_) {
    for (const std::string& adapter : options_.adapters) {
      ScannerState& scanner = scanners_.emplace_back();
      scanner.index = static_cast<ScannerIndex>(scanners_.size() - 1);
      scanner.wanted = adapter;
      scanner.recovery = Recovery{options_.recovery};
    }
    for (const BeaconOptions& beacon : options_.beacons)
      beacons_.push_back({beacon, beacons_.size(), Registration{options_.recovery.retry}, Yielding{options_.yield}});
    last_status_ = options_.clock().monotonic;
  }

  void run() {
    while (!over()) {
      one_connection();
      for (ScannerState& scanner : scanners_) scanner.recovery.session_lost(now());
      tell_status();
      sleep_until(now() + options_.reconnect_after);
    }
  }

 private:
  void one_connection();
  void sleep(const Session& session);
  void sleep_until(MonotonicTime until);
  void tell_status();
  [[nodiscard]] ScannerStatus status_of(const ScannerState& scanner, double seconds) const;
  [[nodiscard]] std::string state_of(const ScannerState& scanner) const;
  [[nodiscard]] BeaconStatus status_of(const BeaconState& beacon) const;
  [[nodiscard]] std::string state_of(const BeaconState& beacon) const;
  [[nodiscard]] std::optional<bool> heard(const BeaconState& beacon) const;
  [[nodiscard]] bool over() const { return stop_.stop_requested() || unwanted_; }
  [[nodiscard]] MonotonicTime now() const { return options_.clock().monotonic; }

  const BluezOptions& options_;
  RadioListener listener_;
  std::stop_token stop_;
  StopSignal stop_signal_;
  std::vector<ScannerState> scanners_;
  std::vector<BeaconState> beacons_;
  RadioStatus told_;  // and the counts of messages, which go on
  MonotonicTime last_status_;
  MonotonicTime next_look_{};
  std::string trouble_;  // why there is no connection, or no BlueZ on it
  bool unwanted_ = false;
};

void Listening::one_connection() {
  auto bus = Bus::open();
  if (!bus) {
    if (trouble_ != bus.error()) spdlog::error("radio: the D-Bus system bus cannot be reached: {}", bus.error());
    trouble_ = bus.error();
    return;
  }
  Session session{std::move(*bus), {options_, scanners_, beacons_, told_, [this](const Advertisement& advertisement) {
                                      if (!unwanted_) unwanted_ = !listener_.heard(advertisement);
                                    }}};
  bool more = false;
  while (!over() && session.turn(more)) {
    trouble_ = session.waits_for();
    tell_status();
    if (!more) sleep(session);
  }
  if (over()) return;
  trouble_ = session.why();
  spdlog::warn("radio: {}", trouble_);
}

void Listening::sleep(const Session& session) {
  auto patience = kPatience;
  for (const ScannerState& scanner : scanners_)
    for (const auto wake :
         {scanner.recovery.wake(), scanner.next_rescan(options_.rescan_every), scanner.monitor_wake()})
      if (wake) patience = std::min(patience, std::chrono::ceil<std::chrono::milliseconds>(*wake - now()));
  const auto status_due = last_status_ + options_.status_every - now();
  patience = std::min(patience, std::chrono::ceil<std::chrono::milliseconds>(status_due));
  if (const int bus = session.bus().patience_ms(); bus >= 0)
    patience = std::min(patience, std::chrono::milliseconds{bus});
  std::array<pollfd, 2> wait{stop_signal_.watch(), pollfd{session.bus().descriptor(), session.bus().events(), 0}};
  ::poll(wait.data(), wait.size(), static_cast<int>(std::max(patience, std::chrono::milliseconds{0}).count()));
}

void Listening::sleep_until(MonotonicTime until) {
  pollfd wait = stop_signal_.watch();
  while (!over() && now() < until)
    ::poll(&wait, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(until - now()).count()));
}

std::string Listening::state_of(const ScannerState& scanner) const {
  if (!trouble_.empty()) return trouble_;
  if (scanner.adapter_path.empty()) return "the adapter is not there";
  if (!scanner.powered) return "the adapter is off" + (scanner.trouble.empty() ? "" : ": " + scanner.trouble);
  if (scanner.recovery.scanning()) return "scanning";
  return scanner.trouble.empty() ? "starting to scan" : "scanning is refused: " + scanner.trouble;
}

ScannerStatus Listening::status_of(const ScannerState& scanner, double seconds) const {
  const Recovery& recovery = scanner.recovery;
  ScannerStatus status;
  status.scanner = scanner.index;
  status.mode = scanner.mode();
  status.hears = scanner.share.hears();
  status.state = state_of(scanner);
  status.alarm = recovery.alarm();
  if (scanner.canary_at) status.canary = heard_lately(scanner.canary_at, now());
  if (seconds > 0)
    status.advertisements_a_second = static_cast<double>(scanner.heard_in_all - scanner.heard_at_last) / seconds;
  status.scan_starts = recovery.count(Step::scan);
  status.reconnects = recovery.count(Step::reconnect);
  status.power_cycles = recovery.count(Step::power_cycle);
  status.power_ons = recovery.count(Step::power_on);
  status.calls_for_help = recovery.count(Step::ask_for_help);
  status.held_back = recovery.held_back();
  return status;
}

std::string Listening::state_of(const BeaconState& beacon) const {
  if (!trouble_.empty()) return trouble_;
  if (beacon.adapter_path.empty()) return "the adapter is not there";
  if (!beacon.can_advertise) return "bluetoothd cannot advertise on this adapter";
  if (beacon.yielding.to_blame())
    return "kept off the air: the adapter does not hear while it advertises; give the beacon an adapter of its own";
  if (beacon.yields) return "off the air until the adapter's scan works again";
  if (beacon.advertisement.held()) return "on the air";
  return beacon.trouble.empty() ? "waiting for the adapter" : "refused: " + beacon.trouble;
}

// Nothing: no scanner of another adapter is there to hear it.
std::optional<bool> Listening::heard(const BeaconState& beacon) const {
  const bool listened_for = std::ranges::any_of(scanners_, [&](const ScannerState& scanner) {
    return scanner.recovery.scanning() && scanner.adapter_path != beacon.adapter_path;
  });
  if (!listened_for || !beacon.advertisement.held()) return std::nullopt;
  return heard_lately(beacon.heard_at, now());
}

BeaconStatus Listening::status_of(const BeaconState& beacon) const {
  return {beacon.options.adapter,
          beacon.options.name,
          beacon.advertisement.held(),
          state_of(beacon),
          heard(beacon),
          beacon.advertisement.refusals(),
          beacon.advertisement.releases(),
          beacon.yielding.yields()};
}

// On a change of what people see, and regularly; rates are of the regular ones.
void Listening::tell_status() {
  const MonotonicTime at = now();
  if (at < next_look_) return;
  next_look_ = at + kLookAtStatusEvery;
  const bool regular = at - last_status_ >= options_.status_every;
  const double seconds = regular ? std::chrono::duration<double>(at - last_status_).count() : 0;
  std::vector<ScannerStatus> fresh;
  for (const ScannerState& scanner : scanners_) fresh.push_back(status_of(scanner, seconds));
  const auto same = [](const ScannerStatus& a, const ScannerStatus& b) {
    return a.mode == b.mode && a.hears == b.hears && a.state == b.state && a.alarm == b.alarm && a.canary == b.canary;
  };
  std::vector<BeaconStatus> beacons;
  for (const BeaconState& beacon : beacons_) beacons.push_back(status_of(beacon));
  const auto same_beacon = [](const BeaconStatus& a, const BeaconStatus& b) {
    return a.state == b.state && a.heard == b.heard;
  };
  if (!regular && std::ranges::equal(fresh, told_.scanners, same) &&
      std::ranges::equal(beacons, told_.beacons, same_beacon))
    return;
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const bool changed = i >= told_.scanners.size() || told_.scanners[i].state != fresh[i].state;
    if (changed) spdlog::info("radio: adapter {}: {}", scanners_[i].wanted, fresh[i].state);
    if (!regular && i < told_.scanners.size())
      fresh[i].advertisements_a_second = told_.scanners[i].advertisements_a_second;
    if (regular) scanners_[i].heard_at_last = scanners_[i].heard_in_all;
  }
  if (regular) last_status_ = at;
  for (std::size_t i = 0; i < beacons.size(); ++i)
    if (i >= told_.beacons.size() || told_.beacons[i].state != beacons[i].state)
      spdlog::info("radio: {} on {}: {}", beacons[i].name, beacons[i].adapter, beacons[i].state);
  told_.scanners = std::move(fresh);
  told_.beacons = std::move(beacons);
  if (listener_.status) listener_.status(told_);
}

}  // namespace

BluezRadio::BluezRadio(BluezOptions options) : options_(std::move(options)) {
  assert(options_.clock && !options_.adapters.empty());
}

BluezRadio::~BluezRadio() {
  stop();
}

void BluezRadio::start(RadioListener listener) {
  assert(!thread_.joinable());
  thread_ = std::jthread{[this, listener = std::move(listener)](std::stop_token stop) {
    try {
      Listening{options_, listener, std::move(stop)}.run();
    } catch (const std::exception& error) {  // no descriptor or no memory is left
      listener.failed(std::string{"the radio has ended: "} + error.what());
    }
  }};
}

void BluezRadio::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace beacon_gateway::bluez
