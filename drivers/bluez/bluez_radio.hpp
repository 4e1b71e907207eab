// A radio that hears through bluetoothd, on one thread of its own with one connection to the system bus, for all
// scanners together. It never ends by itself: whatever goes away is waited for, and `status` says so
// (drivers/bluez/README.md). `finished` is never called, `failed` only when
// the machine has no memory or descriptor left.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/beacon/wake_up.hpp"
#include "drivers/bluez/recovery.hpp"
#include "drivers/bluez/yielding.hpp"
#include "ports/radio.hpp"

namespace beacon_gateway::bluez {

// Whether to register an AdvertisementMonitor where BlueZ has the interface (bluetoothd -E).
enum class MonitorUse : std::uint8_t {
  when_safe,  // not where a long advertisement would crash bluetoothd, nor where its version is not known
  always,
  never,
};

struct BeaconOptions {
  std::string adapter;  // "hci0" or an address; may be a scanner's too
  WakeUpBeacon beacon;
  std::string name;  // for people
};

struct BluezOptions {
  std::vector<std::string> adapters;  // one a scanner, in the order of ScannerIndex: "hci0" or an address
  std::vector<BeaconOptions> beacons;
  std::optional<IBeacon> canary;  // always on the air; its measured power counts for nothing
  std::vector<Uuid> ibeacon_uuids;
  std::vector<Uuid> token_service_uuids;
  MonitorUse monitors = MonitorUse::when_safe;
  std::function<Instant()> clock;
  // The last rung: the box itself can do no more for this adapter ("hci0"). Called on the radio's thread; may be empty.
  std::function<void(const std::string& adapter)> ask_for_help;
  RecoveryTimes recovery;
  YieldTimes yield;
  Duration rescan_every = kFilteredScanPeriod;  // with a controller that filters duplicates
  Duration status_every = std::chrono::seconds{10};
  // Between two connections: bluetoothd has forgotten us by then.
  Duration reconnect_after = std::chrono::seconds{2};
};

class BluezRadio final : public Radio {
 public:
  explicit BluezRadio(BluezOptions options);
  ~BluezRadio() override;
  BluezRadio(const BluezRadio&) = delete;
  BluezRadio& operator=(const BluezRadio&) = delete;

  void start(RadioListener listener) override;
  void stop() override;

 private:
  BluezOptions options_;
  std::jthread thread_;
};

}  // namespace beacon_gateway::bluez
