// What main hands to the commands: makers of the edges, in our own words. Only main.cpp knows the drivers behind them.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "core/advertisement.hpp"
#include "core/bluetooth_report.hpp"
#include "core/broker_report.hpp"
#include "ports/journey_store.hpp"
#include "ports/profile_store.hpp"
#include "ports/radio.hpp"
#include "ports/uplink.hpp"
#include "settings/settings.hpp"

namespace beacon_gateway {

// Who asks over the control socket.
struct Asker {
  unsigned user = 0;
  bool is_operator = false;
};

// Captures, read at the reader's pace.
struct CaptureInput {
  std::function<std::optional<Advertisement>()> next;
  std::function<std::vector<std::string>()> warnings;  // of what was read so far
  std::function<bool()> damaged;                       // true: something could not be read
  std::function<std::uint64_t()> records;
};

// A capture that is being written. What `write` was given is in the file; `flush` says whether it went well.
struct CaptureOutput {
  std::function<void(const Advertisement&)> write;
  std::function<tl::expected<void, std::string>()> flush;
};

// What the uplink says of the daemon's present session; absent in a replay.
struct Session {
  std::string id;
  WallTime since{};
};

struct Edges {
  // Why the store cannot be sealed as the settings want it: no key, or one that others may read.
  std::function<std::optional<std::string>(const StoreSettings&)> store_key_fault;
  // Throw on a file that cannot be used; ":memory:" makes one that lives as long as the object.
  std::function<std::unique_ptr<ProfileStore>(const std::filesystem::path&, const Settings&)> open_profiles;
  std::function<std::unique_ptr<JourneyStore>(const std::filesystem::path&, const Settings&, bool replayed)>
      open_journey;

  std::function<tl::expected<CaptureInput, std::string>(const std::vector<std::filesystem::path>& files,
                                                        const std::vector<std::string>& adapters)>
      open_captures;
  // A new file for what the scanners of these adapters hear; never replaces one.
  std::function<tl::expected<CaptureOutput, std::string>(const std::filesystem::path&,
                                                         const std::vector<std::string>& adapters)>
      create_capture;
  std::function<BluetoothReport()> look_at_bluetooth;  // takes some seconds if it is not well
  // All scanners of the settings. A capture is played from `resume_from` on.
  std::function<tl::expected<std::unique_ptr<Radio>, std::string>(const Settings&, std::optional<WallTime> resume_from)>
      make_radio;
  // Throws if the settings cannot work (certificate that cannot be read).
  std::function<std::unique_ptr<Uplink>(const Settings&, const std::optional<Session>&)> make_uplink;

  // With `log_in`, under the gateway's own client id: only where no daemon runs.
  std::function<BrokerReport(const Settings&, bool log_in)> look_at_broker;

  // Makes a key for a store in a new file.
  std::function<tl::expected<void, std::string>(const std::filesystem::path&)> create_store_key;

  std::function<Instant()> machine_clock;
  // Unlike any other; of the system's random source.
  std::function<Key128()> random_key;

  // Who runs the command.
  std::function<Asker()> asker;
  // A line for the system's log, which whoever runs the command cannot take out again.
  std::function<void(const std::string&)> audit;

  // Alive as long as the result is held.
  std::function<std::shared_ptr<void>(std::function<void()> stop, std::function<void()> reload)> watch_signals;
  std::function<std::shared_ptr<void>(const std::filesystem::path& socket,
                                      std::function<std::string(std::string, const Asker&)> answer)>
      serve_control;
  // Nothing: no daemon listens there.
  std::function<std::optional<std::string>(const std::filesystem::path& socket, const std::string& question)>
      ask_daemon;

  // To the service manager.
  std::function<void()> tell_ready;
  std::function<void()> tell_reloading;
  std::function<void()> tell_stopping;
  std::function<void(const std::string& state)> tell_alive;
};

// Exit statuses of every command (contract 3.1).
inline constexpr int kGood = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kBadConfiguration = 78;  // EX_CONFIG of sysexits.h

}  // namespace beacon_gateway
