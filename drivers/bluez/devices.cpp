#include "drivers/bluez/devices.hpp"

#include <algorithm>
#include <array>

namespace beacon_gateway::bluez {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Bluetooth Assigned Numbers, 2.3 "Common Data Types".
constexpr std::uint8_t kAllServiceUuids128 = 0x07;
constexpr std::uint8_t kServiceData16 = 0x16;
constexpr std::uint8_t kServiceData32 = 0x20;
constexpr std::uint8_t kServiceData128 = 0x21;
constexpr std::uint8_t kManufacturerData = 0xFF;

// What a controller can report (Core 5.4, Vol 4 Part E, 7.7.65.2); 127: not available; 0: BlueZ's word for "none".
constexpr std::int16_t kWeakestDbm = -127;
constexpr std::int16_t kStrongestDbm = 20;

// The Bluetooth base UUID (Core 5.4, Vol 3 Part B, 2.5.1) behind its first four octets.
constexpr std::array<std::uint8_t, 12> kBaseUuidTail{0, 0, 0x10, 0, 0x80, 0, 0, 0x80, 0x5F, 0x9B, 0x34, 0xFB};

std::optional<std::int8_t> usable(std::optional<std::int16_t> rssi_dbm) {
  if (!rssi_dbm || *rssi_dbm == 0 || *rssi_dbm < kWeakestDbm || *rssi_dbm > kStrongestDbm) return std::nullopt;
  return static_cast<std::int8_t>(*rssi_dbm);
}

// FNV-1a, 32 bit (Fowler, Noll, Vo): tells whether a part changed; a chance collision costs one repeated advertisement.
std::uint32_t hash_of(Bytes octets) {
  std::uint32_t hash = 2166136261U;
  for (const std::uint8_t octet : octets) hash = (hash ^ octet) * 16777619U;
  return hash;
}

void append_reversed(std::vector<std::uint8_t>& to, Bytes octets) {
  to.insert(to.end(), octets.rbegin(), octets.rend());
}

// One AD structure: length, type, content. Its length octet bounds it; what is longer can be no beacon.
void append_structure(std::vector<std::uint8_t>& to, std::uint8_t type, Bytes head_reversed, Bytes octets) {
  const std::size_t length = 1 + head_reversed.size() + octets.size();
  if (length > UINT8_MAX) return;
  to.push_back(static_cast<std::uint8_t>(length));
  to.push_back(type);
  append_reversed(to, head_reversed);
  to.insert(to.end(), octets.begin(), octets.end());
}

void append_service(std::vector<std::uint8_t>& to, const Uuid& service, Bytes octets) {
  const bool is_short = std::ranges::equal(Bytes{service}.subspan(4), kBaseUuidTail);
  if (!is_short) return append_structure(to, kServiceData128, service, octets);
  const bool fits_16 = service[0] == 0 && service[1] == 0;
  const Bytes head = fits_16 ? Bytes{service}.subspan(2, 2) : Bytes{service}.first(4);
  append_structure(to, fits_16 ? kServiceData16 : kServiceData32, head, octets);
}

std::array<std::uint8_t, 2> big(std::uint16_t company) {
  return {static_cast<std::uint8_t>(company >> 8), static_cast<std::uint8_t>(company & 0xFF)};
}

Uuid key_of(std::uint16_t company) {
  const auto octets = big(company);
  return Uuid{octets[0], octets[1]};
}

std::uint64_t key_of(ScannerIndex scanner, const AddressOctets& octets) {
  std::uint64_t key = scanner;
  for (const std::uint8_t octet : octets) key = key << 8 | octet;
  return key;
}
constexpr unsigned kAddressBits = 48;

}  // namespace

Devices::Device& Devices::find_or_make(std::uint64_t key, const AddressOctets& octets) {
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    devices_.splice(devices_.begin(), devices_, found->second);
    return devices_.front();
  }
  if (devices_.size() >= most_) {
    by_key_.erase(devices_.back().key);
    devices_.pop_back();
  }
  Device& device = devices_.emplace_front();
  device.key = key;
  device.octets = octets;
  by_key_.emplace(key, devices_.begin());
  return device;
}

// Which parts of a dictionary are on the air. BlueZ replaces the dictionary with every advertisement when the filter
// asks for duplicates, and adds to it otherwise, also when another client's filter rules. A dictionary that lost a part
// shows that this BlueZ replaces; one that grew while the rest stood still, before that, shows that the rest is old.
void Devices::note_parts(Device& device, Parts& held, Parts fresh) {
  const auto held_part = [&](const Part& part) { return std::ranges::find(held, part.key, &Part::key); };
  std::size_t common = 0;
  bool any_new = false;
  for (const Part& part : fresh) {
    const auto before = held_part(part);
    common += before != held.end() ? 1U : 0U;
    any_new = any_new || before == held.end() || before->content != part.content;
  }
  replaces_ = replaces_ || common < held.size();
  device.keeps_old = device.keeps_old || (!held.empty() && fresh.size() > held.size());
  if (!replaces_) {
    for (Part& part : fresh) {
      const auto before = held_part(part);
      const bool stands_still = before != held.end() && before->content == part.content;
      if (stands_still) part.on_air = before->on_air && !(device.keeps_old && any_new);
    }
  }
  held = std::move(fresh);
}

void Devices::take_data(Device& device, const DeviceChange& change) {
  if (!change.manufacturer && !change.services) return;
  device.data.clear();
  if (change.manufacturer) {
    Parts fresh;
    for (const auto& part : *change.manufacturer) fresh.push_back({key_of(part.company), hash_of(part.octets)});
    note_parts(device, device.manufacturer, std::move(fresh));
    for (std::size_t i = 0; i < change.manufacturer->size(); ++i) {
      const auto& part = (*change.manufacturer)[i];
      if (device.manufacturer[i].on_air)
        append_structure(device.data, kManufacturerData, big(part.company), part.octets);
    }
  }
  if (change.services) {
    Parts fresh;
    for (const auto& part : *change.services) fresh.push_back({part.service, hash_of(part.octets)});
    note_parts(device, device.services, std::move(fresh));
    for (std::size_t i = 0; i < change.services->size(); ++i)
      if (device.services[i].on_air)
        append_service(device.data, (*change.services)[i].service, (*change.services)[i].octets);
  }
}

// The list of service UUIDs always only grows, and is told only when it does: what is new in it is on the air.
void Devices::take_uuids(Device& device, const std::vector<Uuid>& uuids) {
  std::vector<std::uint8_t> octets;
  for (const Uuid& uuid : uuids) {
    const bool is_short = std::ranges::equal(Bytes{uuid}.subspan(4), kBaseUuidTail);
    const bool is_new = std::ranges::find(device.known_uuids, uuid) == device.known_uuids.end();
    if (is_new && !is_short) append_reversed(octets, uuid);
  }
  device.known_uuids = uuids;
  if (octets.empty()) return;
  device.uuids.clear();
  append_structure(device.uuids, kAllServiceUuids128, {}, octets);
}

Heard Devices::merge(ScannerIndex scanner, const AddressOctets& octets, const DeviceChange& change, Told told,
                     const Instant& now) {
  Device& device = find_or_make(key_of(scanner, octets), octets);
  if (told == Told::added) {  // BlueZ made the object anew, or we asked for all that it holds
    device.manufacturer.clear();
    device.services.clear();
    device.keeps_old = false;
    device.known_uuids.clear();
    device.uuids.clear();
    device.data.clear();
  }
  if (change.address) device.octets = *change.address;
  if (change.random) device.random = change.random;
  take_data(device, change);
  if (change.service_uuids) take_uuids(device, *change.service_uuids);

  const bool on_air = change.rssi_dbm || (told == Told::changed && (change.manufacturer || change.services));
  if (!on_air) return {};
  Heard heard;
  if (device.heard_at) heard.since_last = now.monotonic - *device.heard_at;
  device.heard_at = now.monotonic;
  heard.type_missing = !device.random;
  if (heard.type_missing) return heard;

  std::vector<std::uint8_t> payload = device.data;
  payload.insert(payload.end(), device.uuids.begin(), device.uuids.end());
  Advertisement& advertisement = heard.advertisement.emplace();
  advertisement.scanner = scanner;
  advertisement.address = {device.octets,
                           *device.random ? random_address_type(device.octets[0]) : AddressType::public_address};
  advertisement.rssi_dbm = usable(change.rssi_dbm);
  advertisement.payload = Payload{payload};
  advertisement.instant = now;
  return heard;
}

void Devices::forget(ScannerIndex scanner) {
  std::erase_if(devices_, [&](const Device& device) {
    const bool gone = device.key >> kAddressBits == scanner;
    if (gone) by_key_.erase(device.key);
    return gone;
  });
  replaces_ = false;
}

}  // namespace beacon_gateway::bluez
