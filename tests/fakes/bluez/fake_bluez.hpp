// An org.bluez of our own on a private bus: adapters, what is on the air around them, and what goes wrong. It does what
// bluetoothd was measured to do: an object for each device, a duplicate filter that only a monitor turns off, discovery
// that belongs to a client and ends with it.
//
// Runs on a thread of its own; every function may be called from the test's thread and returns when it is done. What it
// says to the bus is said when the function returns, not necessarily read by anyone.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace beacon_gateway_test {

struct FakeAdapter {
  std::string name = "hci0";
  std::string address = "00:AA:01:00:00:01";
  bool powered = true;
  bool has_monitors = false;  // bluetoothd -E
  std::string modalias = "usb:v1D6Bp0246d0542";
  bool filters_duplicates = false;  // the controller, unless a monitor is registered
  std::chrono::milliseconds scan_period{10'240};
  std::size_t most_advertisements = 5;  // SupportedInstances; 0: no LEAdvertisingManager1
  bool deaf_beside_own = false;         // hears nothing while it advertises, and says nothing of it
};

// An advertisement that a client registered, as it was read from the client's object.
struct FakeAdvertisement {
  std::string type;
  std::map<std::uint16_t, std::vector<std::uint8_t>> manufacturer;
  std::map<std::string, std::vector<std::uint8_t>> services;
  std::vector<std::string> service_uuids;
  std::uint32_t least_interval_ms = 0;
};

struct FakeDevice {
  std::string address = "C0:00:00:00:00:01";
  bool random = true;
  std::int16_t rssi_dbm = -60;
  std::map<std::uint16_t, std::vector<std::uint8_t>> manufacturer;
  std::map<std::string, std::vector<std::uint8_t>> services;
  std::chrono::milliseconds interval{20};
};

class FakeBluez {
 public:
  explicit FakeBluez(std::string bus_address);
  ~FakeBluez();
  FakeBluez(const FakeBluez&) = delete;
  FakeBluez& operator=(const FakeBluez&) = delete;

  // bluetoothd itself. Adapters, knobs and the air stay when it goes.
  void run();
  void stop();  // says goodbye to every object first
  void kill();  // does not
  void run_late(std::chrono::milliseconds adapters_after);

  // Hardware.
  void plug(const FakeAdapter& adapter);
  void unplug(const std::string& name);
  void power(const std::string& name, bool on);
  // The controller's own end of discovery, as after a hardware error.
  void end_discovery(const std::string& name);

  // The air.
  void advertise(const FakeDevice& device);  // from now on; replaces what has the same address
  void hush(const std::string& address);
  void silence(bool silent);  // nothing is told, though Discovering is true
  // So many packets of what is on the air, in turn, at once.
  void repeat(std::uint32_t count);
  // `count` new random addresses, `a_second` of them; each is heard once.
  void flood(std::uint32_t count, std::uint32_t a_second);
  [[nodiscard]] std::uint32_t flood_left();
  void keep_old_parts(bool keep);  // dictionaries only grow

  // Knobs of D-Bus. An empty error: the call works; "silence": it is never answered.
  void answer(const std::string& member, const std::string& error);
  void send_odd_messages();                         // of every wrong form, all about hci0
  void send_as_impostor(const FakeDevice& device);  // to each client, from another connection than BlueZ's
  void release_advertisements();                    // likewise
  void release_monitors();                          // lets go of all, and says so
  void forget_devices();                            // InterfacesRemoved for all: temporary devices time out

  // What clients did.
  [[nodiscard]] std::uint32_t calls(const std::string& member);
  [[nodiscard]] std::string filter();                                                // the last: "le,duplicates"
  [[nodiscard]] std::uint32_t monitors();                                            // in force
  [[nodiscard]] std::uint32_t monitor_patterns();                                    // of the last one registered
  [[nodiscard]] std::vector<FakeAdvertisement> advertised(const std::string& name);  // on the air now
  [[nodiscard]] bool discovering(const std::string& name);

 private:
  class World;
  std::unique_ptr<World> world_;
};

}  // namespace beacon_gateway_test
