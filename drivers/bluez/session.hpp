// One connection to the bus, from its beginning to its loss: finds BlueZ and its adapters, binds the scanners to them,
// takes the steps that recovery asks for, and turns signals into advertisements. What must outlive it stands in
// ScannerState; what it learned goes with it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/bluez/beacon.hpp"
#include "drivers/bluez/bluez_radio.hpp"
#include "drivers/bluez/bus.hpp"
#include "drivers/bluez/devices.hpp"
#include "drivers/bluez/monitor.hpp"
#include "drivers/bluez/scanner.hpp"

namespace beacon_gateway::bluez {

// Below which our objects for this scanner stand on the bus.
[[nodiscard]] std::string monitor_root(const ScannerState& scanner);

class Session {
 public:
  // All outlive it. `heard` answers false when the gateway is stopping.
  struct Outside {
    const BluezOptions& options;
    std::vector<ScannerState>& scanners;
    std::vector<BeaconState>& beacons;
    RadioStatus& counters;  // only the counts of messages
    std::function<void(const Advertisement&)> heard;
  };
  Session(std::unique_ptr<Bus> bus, Outside outside);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Handles a bounded batch, then takes what steps are due. False: the connection is to be given up; `why` says why.
  [[nodiscard]] bool turn(bool& more);
  [[nodiscard]] const std::string& why() const { return why_; }
  [[nodiscard]] const Bus& bus() const { return *bus_; }
  // What keeps all scanners from scanning, for people; empty: nothing.
  [[nodiscard]] const char* waits_for() const;

 private:
  struct Adapter {
    std::string address;
    bool powered = false;
    bool discovering = false;
    bool has_monitors = false;
    bool can_advertise = false;
    std::string modalias;
  };

  void watch();
  void owner_is(std::string_view owner);
  void list_objects();

  // What came of signals and lists.
  void name_owner_changed(Message& signal);
  void properties_changed(Message& signal);
  void interfaces_added(Message& signal);
  void interfaces_removed(Message& signal);
  [[nodiscard]] bool read_object(Message& message, const std::string& path, bool is_new);
  void device_told(std::string_view path, Message& message, Told told);
  [[nodiscard]] bool read_adapter(Message& message, Adapter& adapter);
  void ask_for_device(std::string path);

  // What follows for a scanner.
  void bind();
  void bind(ScannerState& scanner);
  void adapter_changed(ScannerState& scanner, const Adapter& adapter);
  [[nodiscard]] bool may_monitor(const ScannerState& scanner, const Adapter& adapter) const;
  void register_monitor(ScannerState& scanner);
  void monitor_told(ScannerState& scanner, bool active);
  void take(ScannerState& scanner, Step step);
  void scan(ScannerState& scanner);
  void set_filter(ScannerState& scanner);
  void start_discovery(ScannerState& scanner);
  void set_power(ScannerState& scanner, bool on, std::function<void()> then);

  void turn_on(const std::string& path, const std::string& called);

  // session_beacon.cpp
  void serve_beacons();
  void bind_beacons();
  void adapter_off(std::string_view path);
  void look_after(BeaconState& beacon);
  void advertise(BeaconState& beacon);
  void withdraw(BeaconState& beacon);
  void beacon_call(const BeaconState& beacon, const char* member, const Fill& fill, OnMessage on_reply);
  [[nodiscard]] bool hears_canary(ScannerState& scanner, const Advertisement& advertisement);

  void adapter_call(const ScannerState& scanner, const char* member, const Fill& fill, OnMessage on_reply);
  // The adapter called `wanted`; end: it is not there.
  [[nodiscard]] std::map<std::string, Adapter>::const_iterator adapter_called(const std::string& wanted) const;
  [[nodiscard]] ScannerState* scanner_at(std::string_view adapter_path);
  void give_up(std::string why);
  [[nodiscard]] MonotonicTime now() const { return outside_.options.clock().monotonic; }

  std::unique_ptr<Bus> bus_;
  Outside outside_;
  std::vector<std::uint8_t> canary_mark_;  // empty: there is none
  Devices devices_;
  std::string owner_;                        // of org.bluez; empty: nobody
  std::map<std::string, Adapter> adapters_;  // by path
  bool owner_known_ = false;                 // the bus has answered who it is
  bool listed_ = false;                      // and it has told what there is
  std::size_t devices_asked_ = 0;            // answers that are waited for
  bool given_up_ = false;
  std::string why_;
};

}  // namespace beacon_gateway::bluez
