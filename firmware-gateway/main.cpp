// The only file that knows every driver: it makes the edges and hands them to the commands.

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <utility>

#include "cli/command_line.hpp"
#include "cli/configuration.hpp"
#include "cli/version.hpp"
#include "drivers/bluez/bluez_radio.hpp"
#include "drivers/bluez/look.hpp"
#include "drivers/capture/btsnoop_writer.hpp"
#include "drivers/capture/capture_radio.hpp"
#include "drivers/capture/recorded_adapters.hpp"
#include "drivers/mqtt/broker_look.hpp"
#include "drivers/mqtt/mqtt_uplink.hpp"
#include "drivers/sqlite/open_stores.hpp"
#include "drivers/sqlite/store_key.hpp"
#include "drivers/system/audit.hpp"
#include "drivers/system/control_socket.hpp"
#include "drivers/system/core_dumps.hpp"
#include "drivers/system/credential.hpp"
#include "drivers/system/help_request.hpp"
#include "drivers/system/radio_switches.hpp"
#include "drivers/system/random_key.hpp"
#include "drivers/system/service_manager.hpp"
#include "drivers/system/signals.hpp"
#include "drivers/system/system_clock.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway {
namespace {

std::vector<std::string> adapters_of(const Settings& settings) {
  std::vector<std::string> adapters;
  for (const Scanner& scanner : settings.shop.scanners) adapters.push_back(scanner.adapter);
  return adapters;
}

tl::expected<CaptureInput, std::string> open_captures(const std::vector<std::filesystem::path>& files,
                                                      const std::vector<std::string>& adapters) {
  auto opened = capture::CaptureReader::open(files, adapters);
  if (!opened) return tl::unexpected(opened.error().message());
  const auto reader = std::make_shared<capture::CaptureReader>(std::move(*opened));
  return CaptureInput{[reader] { return reader->next(); }, [reader] { return capture::warnings(reader->summary()); },
                      [reader] { return !reader->summary().damage.empty(); },
                      [reader] { return reader->summary().records; }};
}

tl::expected<CaptureOutput, std::string> create_capture(const std::filesystem::path& file,
                                                        const std::vector<std::string>& adapters) {
  auto created = capture::BtsnoopWriter::create(file);
  if (!created) return tl::unexpected(created.error().message());
  const auto writer = std::make_shared<capture::BtsnoopWriter>(std::move(*created));
  auto recorded = capture::recorded_adapters(adapters, bluez::look_at_bluez().adapters);
  return CaptureOutput{[writer, recorded = std::move(recorded)](const Advertisement& advertisement) mutable {
                         capture::RecordedAdapter& adapter = recorded.at(advertisement.scanner);
                         // At the first one's own time: a record of another clock would carry the replay along.
                         if (const auto address = std::exchange(adapter.address, {}))
                           writer->add_adapter(adapter.index, *address, advertisement.instant.wall);
                         writer->write(adapter.index, advertisement);
                       },
                       [writer]() -> tl::expected<void, std::string> {
                         return writer->flush().map_error([](const auto& error) { return error.message(); });
                       }};
}

tl::expected<std::unique_ptr<Radio>, std::string> make_capture_radio(const Settings& settings,
                                                                     std::optional<WallTime> resume_from) {
  std::vector<std::filesystem::path> files;
  for (const ScannerSource& source : settings.sources) {
    if (!source.file)
      return tl::unexpected(std::string{"`run` needs a file for every [[scanner]] with driver = \"capture\""});
    if (std::ranges::find(files, *source.file) == files.end()) files.push_back(*source.file);
  }
  auto reader = capture::CaptureReader::open(files, adapters_of(settings));
  if (!reader) return tl::unexpected(reader.error().message());
  return std::make_unique<capture::CaptureRadio>(std::move(*reader),
                                                 capture::Playback{settings.sources.front().speed, resume_from});
}

// The key of a beacon that rotates has the form of a store's key.
tl::expected<WakeUpBeacon, std::string> wake_up_beacon(const BeaconSettings& settings) {
  WakeUpBeacon beacon{settings.identity, std::nullopt};
  if (!settings.rotation_key_file) return beacon;
  const auto key = sqlite::read_store_key(*settings.rotation_key_file);
  if (!key)
    return tl::unexpected(
        "[[beacon]] rotation_key_file, which has the form of a store's key (`beacon-gateway key create"
        " FILE` makes one): " +
        key.error());
  beacon.rotation = BeaconRotation{std::string{key->octets()}, settings.rotation_period};
  return beacon;
}

tl::expected<std::unique_ptr<Radio>, std::string> make_bluez_radio(const Settings& settings) {
  bluez::BluezOptions options;
  for (const BeaconSettings& one : settings.beacons) {
    auto beacon = wake_up_beacon(one);
    if (!beacon) return tl::unexpected(beacon.error());
    const std::string name = beacon_text(*beacon);
    options.beacons.push_back({one.adapter, *std::move(beacon), name});
  }
  options.adapters = adapters_of(settings);
  options.canary = settings.radio.canary;
  options.ask_for_help = [](const std::string& adapter) {
    if (system::ask_for_radio_help(adapter)) spdlog::warn("radio: help is asked for, for {}", adapter);
  };
  options.ibeacon_uuids = settings.identity.ibeacon_uuids;
  options.token_service_uuids = settings.identity.token_service_uuids;
  options.clock = system::machine_instant;
  return std::make_unique<bluez::BluezRadio>(std::move(options));
}

tl::expected<std::unique_ptr<Radio>, std::string> make_radio(const Settings& settings,
                                                             std::optional<WallTime> resume_from) {
  if (all_captures(settings)) return make_capture_radio(settings, resume_from);
  const auto has = [&](ScannerDriver driver) {
    return std::ranges::find(settings.sources, driver, &ScannerSource::driver) != settings.sources.end();
  };
  if (has(ScannerDriver::capture))
    return tl::unexpected(
        std::string{"captures run on their own clock: either every [[scanner]] has driver = \"capture\", or none has"});
  return make_bluez_radio(settings);
}

// In memory, and where the settings say so, in clear.
sqlite::StoreSeal seal_of(const std::filesystem::path& file, const StoreSettings& store) {
  if (!store.sealed || file == ":memory:") return {};
  auto seal = sqlite::find_store_seal(store.key_file, store.previous_key_file);
  if (!seal) throw std::runtime_error(seal.error());
  return std::move(*seal);
}

template <class Store>
std::unique_ptr<Store> told_if_rekeyed(std::unique_ptr<Store> store, const std::filesystem::path& file) {
  if (store->rekeyed())
    spdlog::info("{} is sealed with the new key now; previous_key_file is no longer needed", file.string());
  return store;
}

std::shared_ptr<const TrustedKeys> trusted_keys(const Settings& settings) {
  auto keys = TrustedKeys::read(settings.downlink.trusted_keys);
  if (!keys) throw std::runtime_error(keys.error());
  return std::make_shared<const TrustedKeys>(std::move(*keys));
}

std::optional<std::filesystem::path> file_or_credential(const std::optional<std::filesystem::path>& file,
                                                        const char* name) {
  return file ? file : system::credential(name);
}

mqtt::MqttOptions broker_options(const Settings& settings) {
  mqtt::MqttOptions options;
  options.url = settings.broker.url;
  options.name = settings.name;
  options.ca_file = file_or_credential(settings.broker.ca_file, "ca_file");
  options.cert_file = file_or_credential(settings.broker.cert_file, "cert_file");
  options.key_file = file_or_credential(settings.broker.key_file, "key_file");
  return options;
}

std::unique_ptr<Uplink> make_uplink(const Settings& settings, const std::optional<Session>& session) {
  mqtt::MqttOptions options = broker_options(settings);
  options.subscribe = session.has_value();
  options.receipts = settings.broker.receipts != ReceiptPolicy::off;
  options.trusted_keys = trusted_keys(settings);
  options.allow_unsigned = settings.downlink.allow_unsigned;
  options.kept_attributes = settings.privacy.attributes;
  if (session)
    options.status = GatewayStatus{false, kVersion, session->id, wall_time_text(session->since), settings.hash};
  else
    options.client_id_suffix = "-replay";
  return std::make_unique<mqtt::MqttUplink>(std::move(options));
}

Edges make_edges() {
  const auto service_manager = std::make_shared<system::ServiceManager>();
  Edges edges;
  edges.store_key_fault = [](const StoreSettings& store) -> std::optional<std::string> {
    if (!store.sealed) return std::nullopt;
    const auto seal = sqlite::find_store_seal(store.key_file, store.previous_key_file);
    return seal ? std::nullopt : std::optional{seal.error()};
  };
  edges.open_profiles = [](const std::filesystem::path& file, const Settings& settings) {
    return told_if_rekeyed(sqlite::open_profile_store(file, seal_of(file, settings.store)), file);
  };
  edges.open_journey = [](const std::filesystem::path& file, const Settings& settings, bool replayed) {
    return told_if_rekeyed(
        sqlite::open_journey_store(file, sqlite::JourneyStoreOptions{settings.name, settings.shop, replayed},
                                   seal_of(file, settings.store)),
        file);
  };
  edges.open_captures = open_captures;
  edges.create_capture = create_capture;
  edges.look_at_bluetooth = [] {
    BluetoothReport report = bluez::look_at_bluez();
    report.switches = system::bluetooth_switches();
    return report;
  };
  edges.look_at_broker = [](const Settings& settings, bool log_in) {
    return mqtt::look_at_broker(broker_options(settings), log_in);
  };
  edges.make_radio = make_radio;
  edges.make_uplink = make_uplink;
  edges.create_store_key = sqlite::create_store_key;
  edges.machine_clock = system::machine_instant;
  edges.random_key = system::random_key;
  edges.asker = [] {
    const system::Peer self = system::this_process();
    return Asker{self.user, self.is_operator};
  };
  edges.audit = system::write_audit_line;
  edges.watch_signals = [](std::function<void()> stop, std::function<void()> reload) {
    return std::make_shared<system::SignalThread>(std::move(stop), std::move(reload));
  };
  edges.serve_control = [](const std::filesystem::path& socket,
                           std::function<std::string(std::string, const Asker&)> answer) {
    return std::make_shared<system::ControlServer>(
        socket, [answer = std::move(answer)](std::string question, const system::Peer& peer) {
          return answer(std::move(question), {peer.user, peer.is_operator});
        });
  };
  edges.ask_daemon = system::ask_daemon;
  edges.tell_ready = [service_manager] { service_manager->ready(); };
  edges.tell_reloading = [service_manager] { service_manager->reloading(); };
  edges.tell_stopping = [service_manager] { service_manager->stopping(); };
  edges.tell_alive = [service_manager](const std::string& state) { service_manager->alive(state); };
  return edges;
}

}  // namespace
}  // namespace beacon_gateway

int main(int argument_count, char** arguments) {
  // Standard output belongs to what a command prints; the journal takes standard error.
  spdlog::set_default_logger(spdlog::stderr_logger_mt("beacon-gateway"));
  beacon_gateway::system::block_signals();
  try {
    beacon_gateway::system::forbid_core_dumps();
    return beacon_gateway::run_command_line(argument_count, arguments, beacon_gateway::make_edges());
  } catch (const std::exception& error) {
    std::cerr << "beacon-gateway: " << error.what() << '\n';
    return beacon_gateway::kFailed;
  }
}
