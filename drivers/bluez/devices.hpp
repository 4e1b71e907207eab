// From what BlueZ says of its devices back to what was on the air: property changes in, whole advertisements out.
//
// BlueZ tells partial changes. What a change carries of manufacturer and service data is what was on the air; a change
// of the RSSI alone is the last payload heard once more. The payload is rebuilt as AD structures (Core 5.4, Vol 3
// Part C, 11), so that core/beacon/decode reads it like any other. Bounded: the device unheard for longest makes room.
// Pure: no bus, no clock.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/advertisement.hpp"
#include "drivers/bluez/device_change.hpp"

namespace beacon_gateway::bluez {

// How a device was told of.
enum class Told : std::uint8_t {
  added,    // a new object: heard now, if it has an RSSI
  changed,  // properties of an object: heard now, if RSSI or data are among them
};

struct Heard {
  std::optional<Advertisement> advertisement;  // absent: nothing was on the air, or the address's type is not known
  bool type_missing = false;                   // an advertisement is lost unless the device is asked for
  std::optional<Duration> since_last;          // since the same device was last heard
};

class Devices {
 public:
  // 2 000 new addresses a second leave a shopper's tag four seconds between two of its advertisements; the device that
  // fell out is asked for anew. About 300 octets each: 2.5 MB.
  static constexpr std::size_t kMost = 8192;

  explicit Devices(std::size_t most = kMost) : most_(most) {}

  [[nodiscard]] Heard merge(ScannerIndex scanner, const AddressOctets& octets, const DeviceChange& change, Told told,
                            const Instant& now);

  // The adapter is gone, or another BlueZ runs: nothing that was said holds.
  void forget(ScannerIndex scanner);

  [[nodiscard]] std::size_t size() const { return devices_.size(); }

 private:
  // A company or a service in the dictionary that BlueZ holds of a device.
  struct Part {
    Uuid key{};
    std::uint32_t content = 0;  // a hash
    bool on_air = true;
  };
  using Parts = std::vector<Part>;

  struct Device {
    std::uint64_t key = 0;
    AddressOctets octets{};
    std::optional<bool> random;
    Parts manufacturer;
    Parts services;
    bool keeps_old = false;  // the dictionary only grows: what does not change is not on the air
    std::vector<Uuid> known_uuids;
    std::vector<std::uint8_t> data;   // AD structures of the last advertisement, without service UUIDs
    std::vector<std::uint8_t> uuids;  // and those of the newest service UUIDs
    std::optional<MonotonicTime> heard_at;
  };

  [[nodiscard]] Device& find_or_make(std::uint64_t key, const AddressOctets& octets);
  void take_data(Device& device, const DeviceChange& change);
  void take_uuids(Device& device, const std::vector<Uuid>& uuids);
  void note_parts(Device& device, Parts& held, Parts fresh);

  std::size_t most_;
  bool replaces_ = false;      // this BlueZ drops what is no longer on the air: every part in a dictionary is
  std::list<Device> devices_;  // newest first
  std::unordered_map<std::uint64_t, std::list<Device>::iterator> by_key_;
};

}  // namespace beacon_gateway::bluez
